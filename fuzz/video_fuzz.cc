// SampledFrames on any bytes: frames within the limits, or an error with a message.
#include <cstdint>
#include <span>

#include "base/check.h"
#include "video/sampled_frames.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Small, so that decoding is fast.
  const fovea::VideoLimits limits{.pixels_max = 100'000, .side_max = 1'000, .packets_max = 1'000, .compute_s_max = 5};
  const fovea::FrameSampling sampling{.num_frames = 4, .frames_max = 4};
  const auto message_of = [](const fovea::Error& error) {
    fovea::check(!error.message.empty(), "an error has a message");
    return 0;
  };
  auto pass = fovea::SampledFrames::open(std::as_bytes(std::span(data, size)), sampling, limits, {});
  if (!pass) return message_of(pass.error());
  for (std::uint32_t count = 0;; ++count) {
    const auto frame = pass->next();
    if (!frame) return message_of(frame.error());
    if (!*frame) return 0;
    fovea::check(count < sampling.frames_max, "no more frames than asked for");
    const fovea::DecodedImage& image = (*frame)->image;
    const std::uint64_t pixels = std::uint64_t{image.width} * image.height;
    fovea::check(pixels > 0 && pixels <= limits.pixels_max, "a frame is within the limit");
    fovea::check(image.pixels.size() == pixels * fovea::image_channels, "a frame has all its pixels");
  }
}
