// Until: how long a call waits: to a moment that every call has, or until its caller stops it. A plain value.
#pragma once

#include <algorithm>
#include <chrono>
#include <stop_token>

#include "store/wait_limits.h"

namespace fovea::valkey {

struct Until {
  using Time = std::chrono::steady_clock::time_point;

  std::stop_token stop;
  Time deadline;

  // What `limits` allow, and `longest` from now on at most.
  static Until of(const WaitLimits& limits, std::chrono::milliseconds longest) {
    const Time latest = std::chrono::steady_clock::now() + longest;
    return {limits.stop, limits.deadline ? std::min(*limits.deadline, latest) : latest};
  }
  // The same, and `longest` from now on at most.
  Until at_most(std::chrono::milliseconds longest) const { return of({stop, deadline}, longest); }
};

}  // namespace fovea::valkey
