#include "image/decoded_image.h"

#include "base/check.h"

namespace fovea {

Key image_key(const DecodedImage& image) {
  const std::uint64_t size = std::uint64_t{image.width} * image.height * image_channels;
  check(image.pixels.size() == size, "an image has width * height * 3 bytes of pixels");
  KeyBuilder key("fovea/image/1");
  return key.field(image.width).field(image.height).field(image_channels).field(image.pixels.bytes()).finish();
}

}  // namespace fovea
