// The names that comparing frames goes by. Each has a domain of its own, so that none can equal another key.
// Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "fovea/key.h"

namespace fovea {

// Where a tile was seen. Tiles are compared only where all of this is equal.
struct TilePosition {
  std::string_view scope;
  Key camera;            // Request::camera
  std::size_t image;     // its place among the request's
  std::uint32_t width;   // of the image, in pixels
  std::uint32_t height;  // of the image
  std::size_t tile;
  std::size_t tiles;
};

Key tile_source(const TilePosition& position, const Key& vision_fingerprint);

// Names the picture that tiles of several frames make together: by its size and their embedding keys, so that
// what is stored of it is exact for it. It is no image's key: those are made in another domain.
Key composed_identity(std::uint32_t width, std::uint32_t height, std::span<const Key> embedding_keys);

}  // namespace fovea
