#include "pipeline/frames/frame_keys.h"

namespace fovea {

Key tile_source(const TilePosition& position, const Key& vision_fingerprint) {
  return KeyBuilder("fovea/tile-source/1")
      .field(position.scope)
      .field(vision_fingerprint)
      .field(position.camera)
      .field(static_cast<std::uint64_t>(position.image))
      .field(position.width)
      .field(position.height)
      .field(static_cast<std::uint64_t>(position.tile))
      .field(static_cast<std::uint64_t>(position.tiles))
      .finish();
}

Key composed_identity(std::uint32_t width, std::uint32_t height, std::span<const Key> embedding_keys) {
  KeyBuilder key("fovea/composed-image/1");
  key.field(width).field(height).field(static_cast<std::uint64_t>(embedding_keys.size()));
  for (const Key& tile : embedding_keys) key.field(tile);
  return key.finish();
}

}  // namespace fovea
