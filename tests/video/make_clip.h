// make_clip: videos for tests, encoded by ffmpeg's libraries in memory.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "fovea/blob.h"
#include "image/decoded_image.h"

namespace fovea::test {

struct ClipSpec {
  std::string container = "mp4";  // as libavformat names its muxers
  std::string encoder = "mjpeg";  // as libavcodec names its encoders; empty = no video
  std::uint32_t frames = 10;
  int fps = 10;
  std::uint32_t width = 64, height = 48;
  std::vector<std::int64_t> times;                        // of the frames, in 1/1000 s; empty = by fps
  std::vector<std::pair<std::string, std::string>> with;  // the encoder's options
  std::vector<std::pair<std::string, std::string>> muxer;
  int turn = 0;        // in the display matrix, degrees counterclockwise
  bool sound = false;  // a track of silence as well
};

// What frame number `index` shows, in the clip's size.
using DrawFrame = std::function<DecodedImage(std::uint32_t index)>;

// Ends the test program where the encoder fails.
Blob make_clip(const ClipSpec& spec, const DrawFrame& draw);

// A still scene of soft stripes with one square of 8 x 8 pixels, whose place is that of `index`: 8 pixels
// further right each time, and in the next row of squares at the edge.
DecodedImage moving_square(std::uint32_t index, std::uint32_t width = 64, std::uint32_t height = 48);

// A frame of one grey level.
DecodedImage grey(std::uint8_t level, std::uint32_t width = 64, std::uint32_t height = 48);

// The largest difference of two images' numbers; 256 where their sizes differ.
int difference(const DecodedImage& a, const DecodedImage& b);

// The part of `source` up to `share` of it.
Blob cut(const Blob& source, double share);

}  // namespace fovea::test
