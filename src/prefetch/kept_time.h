// KeptTime: for how long memory keeps an entry that nobody asks for, about. Not thread-safe.
//
// By Little's law: entries are evicted at some rate, and as many are there as that rate times the time that
// they stay (J. D. C. Little, "A proof for the queuing formula L = λW", 1961).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

namespace fovea {

class KeptTime {
 public:
  // Of a level with so many entries now, and so many evictions since it was made. What is never asked for
  // goes earlier than the average: half of it is the answer. Infinite while hardly anything is evicted. The
  // first call begins the time that is looked at: a clock may have counted for days before.
  double observe(std::uint64_t entries, std::uint64_t evictions, double now_ms) {
    if (!since_ms_) {
      seen_ = evictions;
      since_ms_ = now_ms;
    } else if (evictions >= seen_ + evictions_min) {
      const double passed_ms = now_ms - *since_ms_;
      kept_ms_ = part * static_cast<double>(entries) * passed_ms / static_cast<double>(evictions - seen_);
      seen_ = evictions;
      since_ms_ = now_ms;
    }
    return kept_ms_;
  }

 private:
  static constexpr std::uint64_t evictions_min = 32;  // for one estimate
  static constexpr double part = 0.5;

  std::uint64_t seen_ = 0;
  std::optional<double> since_ms_;
  double kept_ms_ = std::numeric_limits<double>::infinity();
};

}  // namespace fovea
