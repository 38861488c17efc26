#include "engine/llama/vision/place_memo.h"

#include <algorithm>
#include <utility>

namespace fovea::llama {

std::optional<std::vector<TilePlace>> PlaceMemo::find(std::uint32_t width, std::uint32_t height) const {
  MutexLock lock(mutex_);
  const auto found = std::ranges::find_if(
      entries_, [&](const Entry& entry) { return entry.width == width && entry.height == height; });
  return found == entries_.end() ? std::nullopt : std::optional(found->places);
}

void PlaceMemo::keep(std::uint32_t width, std::uint32_t height, std::vector<TilePlace> places) {
  Entry entry{width, height, std::move(places)};
  MutexLock lock(mutex_);
  if (entries_.size() < sizes_max) return entries_.push_back(std::move(entry));
  entries_[oldest_] = std::move(entry);
  oldest_ = (oldest_ + 1) % sizes_max;
}

}  // namespace fovea::llama
