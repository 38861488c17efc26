// Records lie in one vector and are reused through a free list, so an Index is a place in it. Ghosts form a
// ring in the order of their eviction, linked by indexes; record 0 is its head. Two keys may share an id. The
// second gets a record that find() does not find, and loses it when it is removed.
#include "cache/policy/reuse_history.h"

#include <algorithm>

#include "base/check.h"

namespace fovea {

namespace {

constexpr ReuseHistory::Index ends = 0;

}  // namespace

ReuseHistory::ReuseHistory() : records_(1) {}

std::optional<ReuseHistory::Index> ReuseHistory::find(std::uint64_t id) const {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return std::nullopt;
  return found->second;
}

ReuseHistory::Index ReuseHistory::add(std::uint64_t id) {
  Index index;
  if (free_.empty()) {
    index = static_cast<Index>(records_.size());
    records_.emplace_back();
  } else {
    index = free_.back();
    free_.pop_back();
    records_[index] = {};
  }
  records_[index].id = id;
  records_[index].uses = 1;
  records_[index].indexed = by_id_.try_emplace(id, index).second;
  link(index);
  return index;
}

std::optional<ReuseHistory::Index> ReuseHistory::ghost_to_drop() const {
  if (ghosts_ < std::max(ghosts_min, cached_)) return std::nullopt;
  return records_[ends].newer;
}

void ReuseHistory::drop(Index index) {
  KeyRecord& record = records_[index];
  check(record.uses > 0 && !record.cached, "only a ghost is dropped");
  unlink(index);
  if (record.indexed) by_id_.erase(record.id);
  record.uses = 0;
  free_.push_back(index);
}

void ReuseHistory::inserted(Index index) {
  unlink(index);
  records_[index].cached = true;
  ++cached_;
}

void ReuseHistory::removed(Index index) {
  check(records_[index].cached, "only a cached key is removed");
  records_[index].cached = false;
  --cached_;
  link(index);
  if (!records_[index].indexed) drop(index);
}

void ReuseHistory::link(Index index) {
  const Index latest = records_[ends].older;
  records_[index].older = latest;
  records_[index].newer = ends;
  records_[latest].newer = index;
  records_[ends].older = index;
  ++ghosts_;
}

void ReuseHistory::unlink(Index index) {
  records_[records_[index].older].newer = records_[index].newer;
  records_[records_[index].newer].older = records_[index].older;
  --ghosts_;
}

}  // namespace fovea
