// PlaceMemo: the places of tiles that were found before. They depend on the picture's size alone, and finding them
// costs four times the preprocessing of such a picture. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/mutex.h"
#include "engine/attention_summary.h"

namespace fovea::llama {

class PlaceMemo {
 public:
  // A camera, a scanner or a screen makes pictures of few sizes; a tile's place takes 32 bytes.
  static constexpr std::size_t sizes_max = 64;

  // The places of the tiles of a picture of this size, if they are remembered.
  std::optional<std::vector<TilePlace>> find(std::uint32_t width, std::uint32_t height) const;

  // Remembers them, in the place of the oldest where there are sizes_max.
  void keep(std::uint32_t width, std::uint32_t height, std::vector<TilePlace> places);

 private:
  struct Entry {
    std::uint32_t width, height;
    std::vector<TilePlace> places;
  };
  mutable Mutex mutex_;
  std::vector<Entry> entries_ FOVEA_GUARDED_BY(mutex_);
  std::size_t oldest_ FOVEA_GUARDED_BY(mutex_) = 0;  // once there are sizes_max
};

}  // namespace fovea::llama
