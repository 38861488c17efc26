// The tiles of a modelled engine: bands of the picture from top to bottom, and the whole picture as the last
// one. So a change in a corner changes two tiles, as with models that cut pictures. Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/attention_summary.h"
#include "engine/modelled/modelled_times.h"
#include "fovea/blob.h"
#include "fovea/key.h"
#include "image/decoded_image.h"

namespace fovea {

// Which part of the picture each of `tiles` tiles shows.
std::vector<TilePlace> band_places(std::uint32_t tiles);

// The hash of the pixels of tile `index` of `tiles`, and of their shape. REQUIRES: index < tiles.
Key tile_name(const DecodedImage& image, std::uint32_t index, std::uint32_t tiles);

// The embedding of the tile with this name: of the right size, and of no meaning.
Blob made_embedding(const ModelledTimes& times, const Key& tile);

}  // namespace fovea
