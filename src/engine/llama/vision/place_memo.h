// PlaceMemo: remembers the places of tiles. They depend on the image's size alone, and finding them costs
// four times the preprocessing of such an image. Bounded; thread-safe. Returns copies.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/mutex.h"
#include "engine/attention_summary.h"

namespace fovea::llama {

class PlaceMemo {
 public:
  // A camera, a scanner or a screen makes images of few sizes; a tile's place takes 32 bytes.
  static constexpr std::size_t sizes_max = 64;

  // The places of the tiles of an image of this size; nullopt if they are not remembered.
  std::optional<std::vector<TilePlace>> find(std::uint32_t width, std::uint32_t height) const;

  // Remembers them. Replaces the oldest entry where there are sizes_max.
  void keep(std::uint32_t width, std::uint32_t height, std::vector<TilePlace> places);

 private:
  struct Entry {
    std::uint32_t width, height;
    std::vector<TilePlace> places;
  };
  mutable Mutex mutex_;
  std::vector<Entry> entries_ FOVEA_GUARDED_BY(mutex_);
  std::size_t oldest_ FOVEA_GUARDED_BY(mutex_) = 0;  // counts once there are sizes_max
};

}  // namespace fovea::llama
