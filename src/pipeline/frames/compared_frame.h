// ComparedFrame: an image of a request, once its tiles were compared with those of earlier frames of the same
// camera: what it is taken for. A plain value.
//
// A near frame takes the identity of what it is taken for, and every key is made of that. So what is stored
// under a key is exact for what the key names; the approximation is here, and nowhere else.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "engine/engine.h"
#include "pipeline/frames/frame_memory.h"
#include "pipeline/frames/frame_tile.h"

namespace fovea {

struct ComparedTile {
  std::optional<FrameMemory::Look> look;  // absent where the encoder's input cannot be read, and once remembered
  FrameTile became = FrameTile::first;
  // Of what it is taken for; where it is not near, of itself, with an embedding once that was found or made.
  EncodedTile tile;

  bool is_near() const { return became == FrameTile::near; }  // taken for another
  // Whether it needs no embedding of its own.
  bool is_taken() const { return is_near() || became == FrameTile::same; }
};

struct ComparedFrame {
  // The image key of the picture that it is taken for, or composed_identity(), or the frame's own image key
  // where no tile is near.
  Key identity;
  std::vector<Key> taken_from;  // the image keys of the pictures whose tiles it takes; each once
  std::vector<ComparedTile> tiles;
  std::unique_ptr<TiledImage> tiled;  // null where it is not needed, or not kept
  double preprocess_ms = 0;

  std::size_t near() const { return static_cast<std::size_t>(std::ranges::count_if(tiles, &ComparedTile::is_near)); }
  bool is_taken() const { return std::ranges::all_of(tiles, &ComparedTile::is_taken); }
};

}  // namespace fovea
