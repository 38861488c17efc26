#include "engine/modelled/modelled_tiles.h"

#include <cstddef>

#include "base/check.h"
#include "engine/modelled/made_up.h"

namespace fovea {

std::vector<TilePlace> band_places(std::uint32_t tiles) {
  std::vector<TilePlace> places;
  const double bands = tiles - 1.0;
  for (std::uint32_t band = 0; band + 1 < tiles; ++band)
    places.push_back({.x = 0, .y = band / bands, .width = 1, .height = 1 / bands});
  places.push_back({});
  return places;
}

Key tile_name(const DecodedImage& image, std::uint32_t index, std::uint32_t tiles) {
  check(index < tiles, "a tile index is below the tile count");
  std::size_t top = 0, bottom = image.height;
  if (index + 1 < tiles) {
    top = std::size_t{image.height} * index / (tiles - 1);
    bottom = std::size_t{image.height} * (index + 1) / (tiles - 1);
  }
  const std::size_t row_bytes = std::size_t{image.width} * image_channels;
  return KeyBuilder("fovea/modelled-tile/1")
      .field(image.width)
      .field(static_cast<std::uint64_t>(bottom - top))
      .field(image.pixels.bytes().subspan(top * row_bytes, (bottom - top) * row_bytes))
      .finish();
}

Blob made_embedding(const ModelledTimes& times, const Key& tile) {
  return Blob::filled(times.tile_bytes(), [&](std::span<std::byte> bytes) { make_up(tile, bytes); });
}

}  // namespace fovea
