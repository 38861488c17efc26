// WaitLimits: until when a caller waits for what has to be fetched, and for whom. A plain value.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>

namespace fovea {

// What is in memory is found without a wait.
struct WaitLimits {
  std::stop_token stop;
  std::optional<std::chrono::steady_clock::time_point> deadline;
  bool ahead = false;  // for a request to come: what is found has saved nothing yet
};

}  // namespace fovea
