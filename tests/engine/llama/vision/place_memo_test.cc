#include "engine/llama/vision/place_memo.h"

#include <gtest/gtest.h>

namespace fovea::llama {
namespace {

TEST(PlaceMemo, RemembersTheNewestSizes) {
  PlaceMemo memo;
  EXPECT_FALSE(memo.find(1, 2));
  const auto places = [](std::uint32_t size) { return std::vector<TilePlace>(size); };
  const auto sizes = static_cast<std::uint32_t>(PlaceMemo::sizes_max) * 2 + 3;
  for (std::uint32_t size = 1; size <= sizes; ++size) memo.keep(size, size + 1, places(size));
  for (std::uint32_t size = 1; size <= sizes; ++size) {
    const bool among_the_newest = size + PlaceMemo::sizes_max > sizes;
    EXPECT_EQ(memo.find(size, size + 1), among_the_newest ? std::optional(places(size)) : std::nullopt) << size;
    EXPECT_FALSE(memo.find(size + 1, size)) << "a picture on its side is another";
  }
}

}  // namespace
}  // namespace fovea::llama
