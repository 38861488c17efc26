// DeviceCounters: what the processors count while this process works: time, instructions, cycles, and misses
// of the last cache. Many machines and containers refuse the last three; then it says why.
//
// It counts this thread and those that are started after it was opened, by it or by them: open it before an
// engine. For one thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "profile/profile.h"

namespace fovea {

class DeviceCounters {
 public:
  // Never fails: see why_not.
  DeviceCounters();
  ~DeviceCounters();
  DeviceCounters(const DeviceCounters&) = delete;
  DeviceCounters& operator=(const DeviceCounters&) = delete;

  // Why instructions, cycles and misses are not counted; empty if they are.
  const std::string& why_not() const { return why_not_; }

  struct Reading {
    double wall_ms = 0;
    double processor_ms = 0;  // of all threads of the process
    std::optional<std::array<std::uint64_t, 3>> counts;
  };
  Reading read() const;

 private:
  std::array<int, 3> files_ = {-1, -1, -1};  // instructions, cycles, misses
  std::string why_not_;
};

// How the processors were used between two readings.
DeviceUse use_between(const DeviceCounters::Reading& before, const DeviceCounters::Reading& after);

}  // namespace fovea
