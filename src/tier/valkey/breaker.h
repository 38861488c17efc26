// Breaker: leaves a server alone that fails, and tries it again after a while, one call at a time.
//
// Two failures in a row open it. Then it lets one call through, the probe, when the pause is over; a probe
// that fails doubles the pause. Its owner's lock guards it, and gives it the time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace fovea::valkey {

class Breaker {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Pause = std::chrono::milliseconds;

  static constexpr int failures_max = 2;  // in a row; one may be the server's restart
  static constexpr Pause pause_min{100};
  static constexpr Pause pause_max{10'000};

  enum class Admission : std::uint8_t { refused, call, probe };

  // Whether a call may be made. Each that may be is reported by one of the three below.
  Admission admit(Time now) {
    if (!is_open()) return Admission::call;
    if (probing_ || now < open_until_) return Admission::refused;
    probing_ = true;
    return Admission::probe;
  }

  void succeeded() { *this = Breaker(); }

  void failed(Admission admission, Time now) {
    if (admission == Admission::probe) {
      probing_ = false;
      pause_ = std::min(2 * pause_, pause_max);
    } else if (is_open() || ++failures_ < failures_max) {
      return;  // a call from before it opened says nothing new
    } else {
      pause_ = pause_min;
    }
    open_until_ = now + pause_;
  }

  // The caller gave up before the server can be blamed.
  void undecided(Admission admission) {
    if (admission == Admission::probe) probing_ = false;
  }

  bool is_open() const { return pause_ > Pause::zero(); }
  bool would_refuse(Time now) const { return is_open() && (probing_ || now < open_until_); }
  Pause pause() const { return pause_; }

 private:
  int failures_ = 0;  // in a row, while closed
  Pause pause_{0};    // 0 = closed
  Time open_until_;
  bool probing_ = false;
};

}  // namespace fovea::valkey
