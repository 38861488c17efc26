// KindTraffic: what the values of each kind cost and weigh, on the average of the last ones. Thread-safe.
//
// Before a value is asked for, nobody knows its bytes or what it would save. It is likely to be as its kind
// is.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/mutex.h"
#include "store/record.h"

namespace fovea {

class KindTraffic {
 public:
  struct Average {
    double cost_ms;
    double bytes;
  };

  // By kind, in the order of all_record_kinds.
  using Averages = std::array<std::optional<Average>, record_kinds>;

  // `expected` counts as observed once.
  explicit KindTraffic(const Averages& expected = {}) : averages_(expected) {}

  void observe(RecordKind kind, double cost_ms, std::uint64_t bytes) {
    MutexLock lock(mutex_);
    std::optional<Average>& average = averages_[static_cast<std::size_t>(kind) - 1];
    if (!average) average = {cost_ms, static_cast<double>(bytes)};
    average->cost_ms += weight * (cost_ms - average->cost_ms);
    average->bytes += weight * (static_cast<double>(bytes) - average->bytes);
  }

  // nullopt before any was observed or expected.
  std::optional<Average> average(RecordKind kind) const {
    MutexLock lock(mutex_);
    return averages_[static_cast<std::size_t>(kind) - 1];
  }

 private:
  static constexpr double weight = 0.1;  // of a new observation

  mutable Mutex mutex_;
  Averages averages_ FOVEA_GUARDED_BY(mutex_);
};

}  // namespace fovea
