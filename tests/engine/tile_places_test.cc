#include "engine/llama/tile_places.h"

#include <gtest/gtest.h>

#include <functional>

#include "engine/models.h"

namespace fovea::llama {
namespace {

struct Size {
  std::uint32_t width, height;
};

// What an encoder would be fed of the test pictures if it showed, at each pixel, the brightness at the place that `look` gives,
// and `bar` where that is outside; numbers run from -1 to 1, as after a model's normalisation.
std::array<TileInput, test_pictures> fed(Size tile,
                                         const std::function<std::pair<double, double>(double x, double y)>& look) {
  constexpr float bar = 0.3F;
  std::array<TileInput, test_pictures> inputs;
  for (std::size_t which = 0; which < test_pictures; ++which) {
    inputs[which] = {.width = tile.width, .height = tile.height, .values = {}};
    for (std::uint32_t y = 0; y < tile.height; ++y) {
      for (std::uint32_t x = 0; x < tile.width; ++x) {
        const auto [at_x, at_y] = look((x + 0.5) / tile.width, (y + 0.5) / tile.height);
        const bool inside = at_x >= 0 && at_x <= 1 && at_y >= 0 && at_y <= 1;
        const double bright[test_pictures] = {0, 1, at_x, at_y};
        inputs[which].values.push_back(inside ? static_cast<float>(2 * bright[which] - 1) : bar);
      }
    }
  }
  return inputs;
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
}

TEST(LocateTile, SaysSoWhereItCannot) {
  EXPECT_FALSE(locate_tile({}));
  EXPECT_FALSE(locate_tile(fed({64, 64}, [](double, double) { return std::pair(0.5, 0.5); })));
  EXPECT_FALSE(locate_tile(fed({64, 64}, [](double, double) { return std::pair(-1.0, -1.0); })));
  auto odd = fed({64, 64}, [](double x, double y) { return std::pair(x, y); });
  odd[2].width = 32;
  EXPECT_FALSE(locate_tile(odd));
}

TEST(LocateTile, FindsTheBarsOfTheBundledModel) {
  VisionLanguageEngine& engine = test::engine_of(test::TestModel::tiny);
  const auto square = engine.tile_places(96, 96), wide = engine.tile_places(300, 100);
  ASSERT_TRUE(square && wide);
  expect_place(square->at(0), {0, 0, 1, 1});
  EXPECT_NEAR(wide->at(0).width, 1, 0.03);
  EXPECT_NEAR(wide->at(0).height, 3, 0.15) << "a wide picture lies between bars";
  EXPECT_NEAR(wide->at(0).y, -1, 0.08);
}

}  // namespace
}  // namespace fovea::llama
