// Who carries removals out takes those of one moment, and says how far it came. A removal that comes again
// meanwhile has a new number: it is not done by what was done before it came.
#include "store/lane/pending_removals.h"

#include <algorithm>
#include <utility>

namespace fovea {

namespace {

// `label` with all others of its tenant in it.
PurgeLabel widened(std::vector<PendingRemovals::Numbered>& removals, const PurgeLabel& label) {
  std::erase_if(removals, [&](const PendingRemovals::Numbered& other) {
    const auto* other_label = std::get_if<PurgeLabel>(&other.removal);
    return other_label != nullptr && other_label->tenant == label.tenant;
  });
  return {.tenant = label.tenant, .image = {}};
}

}  // namespace

bool PendingRemovals::Moment::cover(RecordKind kind, const TierEntry& entry) const {
  return std::ranges::any_of(removals, [&](const Numbered& one) { return covers(one.removal, kind, entry); });
}

void PendingRemovals::add(Removal removal) {
  MutexLock lock(mutex_);
  Moment next = *pending_;
  std::erase_if(next.removals, [&](const Numbered& other) { return other.removal == removal; });
  const auto* label = std::get_if<PurgeLabel>(&removal);
  if (label != nullptr && label->everything)
    next.removals.clear();  // it is all of them
  else if (label != nullptr && next.removals.size() >= removals_max)
    removal = widened(next.removals, *label);
  if (next.removals.size() >= removals_max) {
    next.removals.clear();
    removal = PurgeLabel::of_everything();
  }
  next.removals.push_back({++added_, std::move(removal)});
  pending_ = std::make_shared<const Moment>(std::move(next));
}

std::shared_ptr<const PendingRemovals::Moment> PendingRemovals::now() const {
  MutexLock lock(mutex_);
  return pending_;
}

void PendingRemovals::done_through(std::uint64_t number) {
  MutexLock lock(mutex_);
  Moment next = *pending_;
  std::erase_if(next.removals, [&](const Numbered& one) { return one.number <= number; });
  pending_ = std::make_shared<const Moment>(std::move(next));
}

}  // namespace fovea
