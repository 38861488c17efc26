// DecodeWatch: tells when work on a video must end: its client has left, its request's time is over, or it
// took too long. Time between pause() and go_on() is not its own. For one thread at a time.
#pragma once

#include <format>
#include <optional>
#include <stop_token>
#include <utility>

#include "base/clock.h"
#include "fovea/result.h"

namespace fovea {

class DecodeWatch {
 public:
  // `seconds_max`: of work. `request_ms`: how long it may be until all is done, waits included.
  DecodeWatch(std::stop_token stop, double seconds_max, std::optional<double> request_ms = std::nullopt)
      : stop_(std::move(stop)), seconds_max_(seconds_max), request_ms_(request_ms), working_since_ms_(0) {}

  void pause() {
    worked_ms_ = worked_ms();
    working_since_ms_.reset();
  }
  void go_on() {
    if (!working_since_ms_) working_since_ms_ = timer_.elapsed_ms();
  }

  bool over() const { return stop_.stop_requested() || timed_out() || worked_ms() > seconds_max_ * 1000; }

  // Why it is over. REQUIRES: over().
  Error reason() const {
    if (stop_.stop_requested()) return {Fault::cancelled, "stopped while the video was decoded"};
    if (timed_out()) return {Fault::timed_out, "The request's time was over before its video was decoded."};
    return {
        Fault::too_large,
        std::format("The video takes more than {:.0f} s to decode: send a shorter or a smaller one.", seconds_max_)};
  }

 private:
  bool timed_out() const { return request_ms_ && timer_.elapsed_ms() >= *request_ms_; }
  double worked_ms() const { return worked_ms_ + (working_since_ms_ ? timer_.elapsed_ms() - *working_since_ms_ : 0.0); }

  const std::stop_token stop_;
  const double seconds_max_;
  const std::optional<double> request_ms_;
  const Stopwatch timer_;
  double worked_ms_ = 0;
  std::optional<double> working_since_ms_;  // by the timer; absent while it is paused
};

}  // namespace fovea
