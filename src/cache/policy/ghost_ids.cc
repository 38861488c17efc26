#include "cache/policy/ghost_ids.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace fovea {

namespace {

constexpr std::size_t slots_min = 64;

}  // namespace

void GhostIds::remember(std::uint64_t id, std::uint64_t window) {
  if ((used_ + 1) * 4 > slots_.size() * 3) rebuild();
  Slot& slot = slot_of(id);
  if (slot.number == never_used) ++used_;
  slot = {.id = id, .number = next_++};
  const std::uint64_t kept = std::min(window, remembered_max);
  if (next_ > kept) oldest_ = std::max(oldest_, next_ - kept);
}

bool GhostIds::recall(std::uint64_t id) {
  if (slots_.empty()) return false;
  Slot& slot = slot_of(id);
  if (!is_remembered(slot)) return false;
  slot.number = recalled;
  return true;
}

// The slot of `id`, or the unused one where it belongs. A table is never more than three quarters full, so there is one.
GhostIds::Slot& GhostIds::slot_of(std::uint64_t id) {
  std::size_t at = id & (slots_.size() - 1);
  while (slots_[at].number != never_used && slots_[at].id != id) at = (at + 1) & (slots_.size() - 1);
  return slots_[at];
}

void GhostIds::rebuild() {
  std::vector<Slot> old = std::exchange(slots_, {});
  std::erase_if(old, [&](const Slot& slot) { return !is_remembered(slot); });
  slots_.resize(std::max(slots_min, std::bit_ceil(2 * (old.size() + 1))));
  used_ = old.size();
  for (const Slot& slot : old) slot_of(slot.id) = slot;
}

}  // namespace fovea
