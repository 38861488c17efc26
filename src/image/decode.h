// decode: from the bytes a client sent to an Image. The only door by which pictures enter, so the bytes are hostile.
//
// Accepted: JPEG, PNG, WebP, GIF, and HEIC and AVIF where libvips was built with libheif; of an animation, the first
// frame. The format is told by the content, never by a name. Grey, palette, 16-bit and CMYK pictures become 8-bit RGB.
// An RGB picture's numbers are kept as they stand, whatever colour profile is embedded: vision models are trained on
// pictures read that way. CMYK is converted, since its numbers mean nothing to a model.
//
// The same bytes give the same pixels on every call and any number of threads. Thread-safe; all work but HEIC and AVIF
// happens in the calling thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "fovea/result.h"
#include "image/decoded_image.h"

namespace fovea {

// What is refused before any memory for pixels is taken. A decode holds up to about 16 bytes a pixel while it works
// (a HEIC, interlaced or progressive file is unpacked whole), and 3 bytes a pixel afterwards.
struct DecodeLimits {
  std::uint64_t source_bytes_max = std::uint64_t{32} << 20;  // twice the largest camera JPEG
  std::uint64_t pixels_max = 64'000'000;                     // the largest camera sensors in use; 192 MB of RGB
  std::uint32_t side_max = 32'768;                           // the tallest scrolling screenshots; a strip is no picture
};

// The picture in `source`, upright and flattened.
// Faults: invalid (empty, no picture, damaged or cut short: never half a picture), too_large (over a limit, with the
// numbers), unsupported (a format or colour layout this build cannot read), internal (libvips would not start).
Result<DecodedImage> decode(std::span<const std::byte> source, const DecodeLimits& limits = {});

}  // namespace fovea
