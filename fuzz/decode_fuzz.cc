// decode() on any bytes: it must return an image within the limits, or an error with a message.
#include <cstdint>
#include <span>

#include "base/check.h"
#include "image/decode.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fovea::DecodeLimits limits{.pixels_max = 1'000'000};  // small, so that decoding is fast
  const fovea::Result<fovea::DecodedImage> image = fovea::decode(std::as_bytes(std::span(data, size)), limits);
  if (!image) {
    fovea::check(!image.error().message.empty(), "an error has a message");
    return 0;
  }
  const std::uint64_t pixels = std::uint64_t{image->width} * image->height;
  fovea::check(pixels > 0 && pixels <= limits.pixels_max, "an image is within the limit");
  fovea::check(image->pixels.size() == pixels * fovea::image_channels, "an image has all its pixels");
  static_cast<void>(fovea::image_key(*image));
  return 0;
}
