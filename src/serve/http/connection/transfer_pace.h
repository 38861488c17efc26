// TransferPace: whether the bytes of a body or a reply move fast enough, so that a slow client does not keep
// a connection and its memory for ever. A value; for one thread.
#pragma once

#include <cstdint>

namespace fovea::serve {

struct TransferPace {
  static constexpr double silence_ms_max = 30'000;  // without a byte
  static constexpr double bytes_per_ms_min = 16;    // on average, after the first silence_ms_max

  double since_ms = 0;  // when the transfer began
  double last_ms = 0;   // when bytes moved last

  // `bytes`: that moved since the transfer began.
  bool too_slow(double now_ms, std::uint64_t bytes) const {
    const double allowed_ms = silence_ms_max + static_cast<double>(bytes) / bytes_per_ms_min;
    return now_ms - last_ms > silence_ms_max || now_ms - since_ms > allowed_ms;
  }
};

}  // namespace fovea::serve
