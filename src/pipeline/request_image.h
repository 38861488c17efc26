// Picture: a source on its way to being known: its image key and size at once, its pixels only when somebody needs
// them. PictureBook: remembers which image a source's bytes decode to, so that the same bytes need not be decoded
// again.
#pragma once

#include <cstdint>
#include <optional>

#include "base/semaphore.h"
#include "fovea/blob.h"
#include "fovea/key.h"
#include "fovea/level.h"
#include "fovea/result.h"
#include "image/decode.h"
#include "image/decoded_image.h"

namespace fovea {

struct RequestImage {
  Blob source;
  Key image_key;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::optional<DecodedImage> image;  // absent while the source was known and nobody asked for pixels
};

// Thread-safe.
class SourceAliases {
 public:
  explicit SourceAliases(DecodeLimits limits);

  // The picture of `source`, decoded unless `use_alias` is set and its bytes were seen before.
  // Faults: those of decode(); nothing is remembered then.
  Result<RequestImage> open(const Blob& source, bool use_alias);
  // Decodes the picture's pixels if it has none yet. Faults: those of decode().
  Result<void> need_pixels(RequestImage& picture) const;

 private:
  DecodeLimits limits_;
  // A decode takes a processor and up to 16 bytes a pixel: as many at a time as there are processors.
  mutable Semaphore decodes_;
  Level aliases_;  // source key -> image key, width, height
};

}  // namespace fovea
