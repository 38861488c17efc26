#include "engine/modelled/modelled_tiles.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "engine/modelled/some_times.h"

namespace fovea {
namespace {

DecodedImage image_of(std::uint32_t width, std::uint32_t height, const std::string& pixels) {
  return {.width = width, .height = height, .pixels = Blob::copy_of(pixels)};
}

std::string pixels_of(std::uint32_t width, std::uint32_t height) {
  std::string pixels(std::size_t{width} * height * image_channels, '\0');
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<char>(i * 31 % 251);
  return pixels;
}

TEST(ModelledTiles, AChangedPixelChangesItsBandAndTheWholePicture) {
  const std::string before = pixels_of(6, 9);
  std::string after = before;
  after[after.size() - 1] ^= 1;
  const DecodedImage one = image_of(6, 9, before), other = image_of(6, 9, after);
  EXPECT_EQ(tile_name(one, 0, 3), tile_name(other, 0, 3));
  EXPECT_NE(tile_name(one, 1, 3), tile_name(other, 1, 3));
  EXPECT_NE(tile_name(one, 2, 3), tile_name(other, 2, 3));
  std::set<Key> names;
  for (std::uint32_t index = 0; index < 3; ++index) names.insert(tile_name(one, index, 3));
  EXPECT_EQ(names.size(), 3U);
}

TEST(ModelledTiles, NamesHaveTheShape) {
  const std::string pixels = pixels_of(4, 2);
  EXPECT_NE(tile_name(image_of(4, 2, pixels), 0, 1), tile_name(image_of(2, 4, pixels), 0, 1));
}

TEST(ModelledTiles, APictureMayHaveFewerRowsThanBands) {
  const DecodedImage image = image_of(1, 1, pixels_of(1, 1));
  EXPECT_NE(tile_name(image, 15, 17), tile_name(image, 0, 17)) << "the pixel is in the last band";
  EXPECT_EQ(tile_name(image, 0, 17), tile_name(image, 1, 17)) << "no pixels are like no pixels";
}

TEST(ModelledTiles, BandsCoverThePicture) {
  const auto places = band_places(5);
  ASSERT_EQ(places.size(), 5U);
  EXPECT_EQ(places[1], (TilePlace{.x = 0, .y = 0.25, .width = 1, .height = 0.25}));
  EXPECT_EQ(places[4], TilePlace{});
  EXPECT_EQ(band_places(1), std::vector<TilePlace>{TilePlace{}});
}

TEST(ModelledTiles, EmbeddingsHaveTheProfilesSize) {
  const ModelledTimes times = test::some_times();
  const Blob embedding = made_embedding(times, KeyBuilder("a tile").finish());
  EXPECT_EQ(embedding.size(), 8U * 4 * sizeof(float));
  EXPECT_EQ(embedding.text(), made_embedding(times, KeyBuilder("a tile").finish()).text());
  EXPECT_NE(embedding.text(), made_embedding(times, KeyBuilder("another").finish()).text());
}

}  // namespace
}  // namespace fovea
