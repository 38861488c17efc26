#include "prefetch/pending_predictions.h"

namespace fovea {

bool PendingPredictions::has_room_for(const Key& scope) const {
  const auto own = of_scope_.find(scope);
  return (own != of_scope_.end() ? own->second : 0) < entries_max_ - by_number_.size();
}

bool PendingPredictions::add(const PendingPrediction& pending) {
  if (!has_room_for(pending.scope) || !by_place_.try_emplace(pending.place, pending.number).second) return false;
  by_number_.emplace_hint(by_number_.end(), pending.number, pending);
  ++of_scope_[pending.scope];
  return true;
}

PendingPrediction* PendingPredictions::find(std::uint64_t number) {
  const auto found = by_number_.find(number);
  return found != by_number_.end() ? &found->second : nullptr;
}

PendingPrediction* PendingPredictions::find(const Key& place) {
  const auto found = by_place_.find(place);
  return found != by_place_.end() ? find(found->second) : nullptr;
}

void PendingPredictions::erase(std::uint64_t number) {
  const auto found = by_number_.find(number);
  if (found == by_number_.end()) return;
  by_place_.erase(found->second.place);
  if (const auto own = of_scope_.find(found->second.scope); --own->second == 0) of_scope_.erase(own);
  by_number_.erase(found);
}

}  // namespace fovea
