#include "video/libav.h"

#include <cstddef>

namespace fovea {

namespace {

// Of one allocation. A header of some bytes may promise millions of samples, whose table libavformat would
// allocate at once. The largest that is needed is a frame of VideoLimits::pixels_max.
constexpr std::size_t allocation_bytes_max = std::size_t{256} << 20;

bool start() {
  av_log_set_level(AV_LOG_QUIET);
  av_max_alloc(allocation_bytes_max);
  return true;
}

}  // namespace

void start_libav() {
  static const bool started = start();
  static_cast<void>(started);
}

}  // namespace fovea
