// DecodeWatch: tells when a pass over a video must end: its client has left, or it took too long. For one
// thread.
#pragma once

#include <format>
#include <stop_token>
#include <utility>

#include "base/clock.h"
#include "fovea/result.h"

namespace fovea {

class DecodeWatch {
 public:
  DecodeWatch(std::stop_token stop, double seconds_max) : stop_(std::move(stop)), seconds_max_(seconds_max) {}

  bool over() const { return stop_.stop_requested() || timer_.elapsed_ms() > seconds_max_ * 1000; }

  // Why it is over. REQUIRES: over().
  Error reason() const {
    if (stop_.stop_requested()) return {Fault::cancelled, "stopped while the video was decoded"};
    return {
        Fault::too_large,
        std::format("The video takes more than {:.0f} s to decode: send a shorter or a smaller one.", seconds_max_)};
  }

 private:
  const std::stop_token stop_;
  const double seconds_max_;
  const Stopwatch timer_;
};

}  // namespace fovea
