// decode: from the bytes that a client sent to a DecodedImage. All images come in this way, so the bytes are
// hostile.
//
// Accepted are JPEG, PNG, WebP, GIF, TIFF, and HEIC and AVIF where libvips was built with libheif; and BMP,
// TGA, PNM and PSD, which are decoded here. Of an animation or a file of several pages, the first is taken.
// The content tells the format, never a name. Grey, palette, 16-bit and CMYK images become 8-bit RGB. The
// numbers of an RGB image are kept, whatever colour profile is embedded, since vision models are trained on
// images read that way. CMYK is converted, since its numbers mean nothing to a model.
//
// The same bytes give the same pixels on every call and any number of threads. Thread-safe; all work except
// HEIC and AVIF happens in the calling thread. Keeps nothing of the source.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "fovea/result.h"
#include "image/decoded_image.h"

namespace fovea {

// Images beyond these limits are refused before memory for pixels is allocated. A decode takes up to about 16
// bytes a pixel while it works (a HEIC, interlaced or progressive file is unpacked whole), and 3 bytes a
// pixel afterwards.
struct DecodeLimits {
  std::uint64_t source_bytes_max = std::uint64_t{32} << 20;  // twice the largest camera JPEG
  // The largest camera sensors in use; 192 MB of RGB.
  std::uint64_t pixels_max = 64'000'000;
  std::uint32_t side_max = 32'768;  // the tallest scrolling screenshots
};

// The image in `source`, upright and flattened. Faults: invalid (empty; no image, with what it is instead;
// damaged or truncated: never half an image, as far as the format tells. JPEG and WebP have no checksum:
// noise in a JPEG is refused where it leaves a trace, and where not it is other pixels), too_large (over a
// limit, with the numbers), unsupported (a colour layout that this build cannot read), internal (libvips did
// not start).
Result<DecodedImage> decode(std::span<const std::byte> source, const DecodeLimits& limits = {});

}  // namespace fovea
