// PendingPredictions: predictions of which nobody knows yet whether they came true, at most so many.
//
// A scope takes no room from another. One that has as many as there is room left gets no more until some of
// its own are over. So one that came first takes half of the room, and one that comes late finds some (A. K.
// Choudhury, E. L. Hahne, "Dynamic queue length thresholds for shared-memory packet switches", 1998). What
// finds no room says nothing of whether it would have come true. Not thread-safe. Owns its values.
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>

#include "fovea/key.h"

namespace fovea {

struct PendingPrediction {
  std::uint64_t number = 0;
  Key place;  // of scope and picture
  Key scope, session, followed, picture;
  std::size_t sort = 0;
  double made_ms = 0;
  bool scored = false;
};

class PendingPredictions {
 public:
  explicit PendingPredictions(std::size_t entries_max) : entries_max_(entries_max) {}

  std::size_t size() const { return by_number_.size(); }
  bool has_room_for(const Key& scope) const;
  bool contains(const Key& place) const { return by_place_.contains(place); }

  // Whether it was added: there was room, and none of the same place. REQUIRES: numbers ascend.
  bool add(const PendingPrediction& pending);

  // Null where there is none. Valid until it is erased.
  PendingPrediction* find(std::uint64_t number);
  PendingPrediction* find(const Key& place);
  PendingPrediction* oldest() { return by_number_.empty() ? nullptr : &by_number_.begin()->second; }

  // Of an unknown number nothing happens.
  void erase(std::uint64_t number);

 private:
  const std::size_t entries_max_;
  std::map<std::uint64_t, PendingPrediction> by_number_;  // the oldest first
  std::unordered_map<Key, std::uint64_t, KeyHash> by_place_;
  std::unordered_map<Key, std::size_t, KeyHash> of_scope_;  // how many; those of none are not there
};

}  // namespace fovea
