// LevelIndex: the entries of one level, in 128 buckets, with its counters and its ghosts.
//
// Only the BudgetCore that accounts for its bytes changes what it holds. A hit reads a bucket under one
// stripe. The level owns it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "cache/bucket.h"
#include "cache/ghosts.h"
#include "fovea/level_stats.h"

namespace fovea {

class LevelIndex {
 public:
  static constexpr std::size_t bucket_count = 128;

  explicit LevelIndex(std::uint8_t number) : level(number) {}

  Bucket& bucket_of(const Key& key) { return buckets[key.bits() >> 57]; }

  const std::uint8_t level;  // Item::level of its entries
  std::array<Bucket, bucket_count> buckets;

  // Guarded by the budget core's lock.
  LevelStats counters;  // except hits, saved_ms, bytes_max and in_use_bytes, which stats() adds
  Ghosts ghosts;
  std::function<void(const Key&)> on_eviction;  // empty: nobody is told

  // The bytes of removed values that readers still hold. Shared with those values, which may outlive the
  // index.
  const boost::intrusive_ptr<HeldValue::InUse> in_use{new HeldValue::InUse};
};

}  // namespace fovea
