#include "engine/llama/vision/tile_places.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "engine/models.h"

namespace fovea::llama {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;

struct Size {
  std::uint32_t width, height;
};

// What an encoder would be fed of the test pictures if each pixel of the tile showed the picture at the place
// that `place_of` gives, and `bar` where that is outside. Numbers go from -1 to 1, as after a model's
// normalisation.
TileProfiles fed(Size tile, const std::function<std::pair<double, double>(double x, double y)>& place_of) {
  constexpr float bar = 0.3F;
  TileProfiles profiles;
  for (std::size_t which = 0; which < test_pictures; ++which) {
    TileInput input{.width = tile.width, .height = tile.height, .values = {}};
    for (std::uint32_t y = 0; y < tile.height; ++y) {
      for (std::uint32_t x = 0; x < tile.width; ++x) {
        const auto [at_x, at_y] = place_of((x + 0.5) / tile.width, (y + 0.5) / tile.height);
        const bool inside = at_x >= 0 && at_x <= 1 && at_y >= 0 && at_y <= 1;
        const double bright[test_pictures] = {0, 1, at_x, at_y};
        input.values.push_back(inside ? static_cast<float>(2 * bright[which] - 1) : bar);
      }
    }
    profiles[which] = profile_of(input);
  }
  return profiles;
}

void expect_place(const std::optional<TilePlace>& place, const TilePlace& expected) {
  ASSERT_TRUE(place);
  EXPECT_NEAR(place->x, expected.x, 6e-3);
  EXPECT_NEAR(place->y, expected.y, 6e-3);
  EXPECT_NEAR(place->width, expected.width, 6e-3);
  EXPECT_NEAR(place->height, expected.height, 6e-3);
}

TEST(LocateTile, FindsStretchedCutAndPaddedPictures) {
  expect_place(locate_tile(fed({64, 48}, [](double x, double y) { return std::pair(x, y); })), {0, 0, 1, 1});
  expect_place(locate_tile(fed({64, 48}, [](double x, double y) { return std::pair(0.5 + x / 2, y / 3); })),
               {0.5, 0, 0.5, 1 / 3.0});
  // A picture twice as wide as high, in the middle of a square.
  expect_place(locate_tile(fed({64, 64}, [](double x, double y) { return std::pair(x, 2 * y - 0.5); })),
               {0, -0.5, 1, 2});
  // A high picture at the left edge: the middle of the tile shows a bar.
  expect_place(locate_tile(fed({64, 64}, [](double x, double y) { return std::pair(4 * x, y); })), {0, 0, 4, 1});
}

TEST(LocateTile, SaysSoWhereItCannot) {
  EXPECT_FALSE(locate_tile({}));
  EXPECT_FALSE(locate_tile(fed({64, 64}, [](double, double) { return std::pair(0.5, 0.5); })));
  EXPECT_FALSE(locate_tile(fed({64, 64}, [](double, double) { return std::pair(-1.0, -1.0); })));
  auto odd = fed({64, 64}, [](double x, double y) { return std::pair(x, y); });
  odd[2].columns.resize(32);
  EXPECT_FALSE(locate_tile(odd));
}

TEST(TileProfile, HoldsTheMeansOfTheFirstChannel) {
  const TileProfile profile = profile_of({.width = 2, .height = 3, .values = {1, 2, 3, 4, 5, 6, 100, 100, 100}});
  EXPECT_THAT(profile.columns, ElementsAre(DoubleEq(3), DoubleEq(4)));
  EXPECT_THAT(profile.rows, ElementsAre(DoubleEq(1.5), DoubleEq(3.5), DoubleEq(5.5)));
  EXPECT_TRUE(profile_of({.width = 2, .height = 3, .values = {1, 2, 3}}).columns.empty()) << "numbers are missing";
  EXPECT_TRUE(profile_of({}).rows.empty());
}

TEST(TestPicture, ShowsWhatItsNameSays) {
  const auto pixels = [](TestPicture which) {
    const DecodedImage image = test_picture(which, 3, 2);
    std::vector<int> reds;
    const auto values = image.pixels.as<unsigned char>();
    for (std::size_t i = 0; i < values.size(); i += image_channels) {
      EXPECT_TRUE(values[i + 1] == values[i] && values[i + 2] == values[i]) << "grey";
      reds.push_back(values[i]);
    }
    return reds;
  };
  EXPECT_THAT(pixels(TestPicture::black), ElementsAre(0, 0, 0, 0, 0, 0));
  EXPECT_THAT(pixels(TestPicture::white), ElementsAre(255, 255, 255, 255, 255, 255));
  EXPECT_THAT(pixels(TestPicture::rightwards), ElementsAre(43, 128, 213, 43, 128, 213));
  EXPECT_THAT(pixels(TestPicture::downwards), ElementsAre(64, 64, 64, 191, 191, 191));
}

TEST(LocateTile, FindsTheBarsOfTheBundledModel) {
  VisionLanguageEngine& engine = test::engine_of(test::TestModel::tiny);
  const auto square = engine.tile_places(96, 96, {}), wide = engine.tile_places(300, 100, {});
  ASSERT_TRUE(square && wide);
  expect_place(square->at(0), {0, 0, 1, 1});
  EXPECT_NEAR(wide->at(0).width, 1, 0.03);
  EXPECT_NEAR(wide->at(0).height, 3, 0.15) << "a wide picture lies between bars";
  EXPECT_NEAR(wide->at(0).y, -1, 0.08);
  EXPECT_EQ(*engine.tile_places(300, 100, {}), *wide) << "remembered";
}

}  // namespace
}  // namespace fovea::llama
