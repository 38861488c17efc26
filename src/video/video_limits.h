// VideoLimits: what a video may cost. A plain value.
#pragma once

#include <cstdint>

namespace fovea {

// A video beyond these is refused. Decoding takes memory for some twenty frames while it works (what a codec
// refers to), 1.5 to 3 bytes a pixel each.
struct VideoLimits {
  std::uint64_t source_bytes_max = std::uint64_t{64} << 20;
  std::uint64_t pixels_max = 9'000'000;  // of a frame: 4K has 8.3 million
  std::uint32_t side_max = 8'192;
  double duration_s_max = 3'600;
  std::uint32_t packets_max = 500'000;  // an hour at 120 frames a second
  // For all passes over the video together. One decodes all frames before the last one that is taken: what an
  // hour of small pictures or some minutes of large ones take on one processor.
  double compute_s_max = 60;
};

}  // namespace fovea
