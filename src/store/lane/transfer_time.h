// TransferTime: how long a value of some bytes takes to come from a tier, learnt from those that came.
//
// A moving average of the wait for small values and one of the rate of large ones. What a value saves is
// compared with it, both when it is to be written and when it is to be asked for: that is the paper's
// network-aware placement (section "Future work"). Thread-safe.
#pragma once

#include <cstdint>

#include "base/mutex.h"

namespace fovea {

class TransferTime {
 public:
  // What is assumed until something was measured.
  struct Guess {
    double wait_ms;
    double bytes_per_ms;
  };
  explicit TransferTime(Guess guess) : wait_ms_(guess.wait_ms), ms_per_byte_(1 / guess.bytes_per_ms) {}

  // `bytes` came after `ms`.
  void observe(std::uint64_t bytes, double ms);
  // `bytes` were stored after `ms`. As long as no large value came, a rate that is faster than the guess is
  // taken for that of reading: where the guess is too slow for anything to be stored, nothing would come.
  void observe_write(std::uint64_t bytes, double ms);
  // What `bytes` are likely to take.
  double expected_ms(std::uint64_t bytes) const;

 private:
  double moving_ms_per_byte(std::uint64_t bytes, double ms) const FOVEA_REQUIRES(mutex_);

  mutable Mutex mutex_;
  double wait_ms_ FOVEA_GUARDED_BY(mutex_);
  double ms_per_byte_ FOVEA_GUARDED_BY(mutex_);
  bool guessed_ FOVEA_GUARDED_BY(mutex_) = true;  // no large value came yet
};

}  // namespace fovea
