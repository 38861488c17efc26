// RequestImage: an image of a request on its way to being known: its key and size at once, its pixels only
// when somebody needs them. SourceAliases: remembers which image a source's bytes decode to, so that the same
// bytes need not be decoded again.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/semaphore.h"
#include "fovea/blob.h"
#include "fovea/key.h"
#include "fovea/result.h"
#include "image/decode.h"
#include "image/decoded_image.h"
#include "pipeline/frames/compared_frame.h"
#include "pipeline/image_source.h"
#include "pipeline/levels/made_from.h"
#include "store/lane/tier_lane.h"
#include "store/store.h"

namespace fovea {

struct RequestImage {
  ImageSource source;
  Key image_key;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::optional<DecodedImage> decoded;      // absent while the source was known and nobody asked for pixels
  std::shared_ptr<ComparedFrame> compared;  // null: it is not taken for another

  // What every key is made of: what the image is taken for.
  const Key& identity() const { return compared ? compared->identity : image_key; }
  // The images that what is stored of it is made from.
  MadeFrom made_from() const;
};

// Thread-safe.
class SourceAliases {
 public:
  // `tiers` as in LevelStoresOptions.
  explicit SourceAliases(DecodeLimits limits, const Tiers* tiers = nullptr);

  // The image of `source`, decoded unless `use_alias` is set and its bytes were seen before. A frame's clip
  // knows its image, and may have its pixels. `keep`: what the bytes decode to is remembered.
  // Faults: those of decode(); nothing is remembered then.
  Result<RequestImage> open(const ImageSource& source, bool use_alias, bool keep = true);
  // The same for the bytes of a file.
  Result<RequestImage> open(const Blob& source, bool use_alias) { return open(ImageSource{source, {}}, use_alias); }
  // Decodes the image's pixels if it has none yet. Faults: those of decode() and of VideoClip::pixels().
  Result<void> need_pixels(RequestImage& image) const;

 private:
  Result<RequestImage> open_frame(const ImageSource& source) const;

  const DecodeLimits limits_;
  // A decode takes a processor and up to 16 bytes a pixel: as many at a time as there are processors.
  mutable Semaphore decodes_;
  const std::unique_ptr<Store> aliases_;  // source key -> image key, width, height
};

}  // namespace fovea
