#include "workload/drawn_screen.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "workload/canvas.h"

namespace fovea {
namespace {

// The smallest box around the pixels in which two pictures of one size differ.
std::optional<Box> difference(const DecodedImage& a, const DecodedImage& b) {
  std::optional<Box> box;
  const auto left = a.pixels.bytes(), right = b.pixels.bytes();
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (left[i] == right[i]) continue;
    const int x = static_cast<int>(i / 3 % a.width), y = static_cast<int>(i / 3 / a.width);
    if (!box) box = Box{x, y, x + 1, y + 1};
    *box = {std::min(box->left, x), std::min(box->top, y), std::max(box->right, x + 1), std::max(box->bottom, y + 1)};
  }
  return box;
}

bool same(std::byte const* a, std::byte const* b) { return std::equal(a, a + 3, b); }

TEST(DrawnScreen, IsTheSameOnEveryMachine) {
  EXPECT_EQ(image_key(draw_screen(42, 3, 320, 200)).hex(),
            "5479a37cf14c8869ae5c6b4cdd8db06dc09899ac26d32e10daa367399e100400");
}

TEST(DrawnScreen, SeedsGiveDifferentScreens) {
  std::set<Key> seen;
  for (std::uint64_t seed = 0; seed < 100; ++seed) seen.insert(image_key(draw_screen(seed, 0, 128, 96)));
  EXPECT_EQ(seen.size(), 100u);
}

TEST(DrawnScreen, AStepChangesOneFieldAndNothingElse) {
  constexpr std::uint32_t width = 640, height = 400;
  for (const std::uint64_t seed : {1, 2, 3}) {
    for (const std::uint32_t step : {0U, 1U, 48U, 49U, 50U, 51U, 4'294'967'294U}) {
      const auto changed =
          difference(draw_screen(seed, step, width, height), draw_screen(seed, step + 1, width, height));
      ASSERT_TRUE(changed) << step;
      EXPECT_LE(changed->width(), static_cast<int>(width / 8)) << step;
      EXPECT_LE(changed->height(), static_cast<int>(height / 16)) << step;
    }
  }
}

TEST(DrawnScreen, ChangesLastUntilTheirFieldsNextTurn) {
  constexpr std::uint32_t width = 640, height = 400, steps = 30;
  DecodedImage before = draw_screen(9, 0, width, height);
  const DecodedImage first = before, last = draw_screen(9, steps, width, height);
  std::vector<std::byte> expected(first.pixels.bytes().begin(), first.pixels.bytes().end());
  for (std::uint32_t step = 1; step <= steps; ++step) {
    const DecodedImage after = draw_screen(9, step, width, height);
    for (std::size_t i = 0; i < expected.size(); i += 3) {
      const std::byte* now = &after.pixels.bytes()[i];
      if (!same(&before.pixels.bytes()[i], now)) std::copy_n(now, 3, &expected[i]);
    }
    before = after;
  }
  EXPECT_TRUE(std::ranges::equal(expected, last.pixels.bytes()));
}

TEST(DrawnScreen, EveryStepIsAnotherScreen) {
  std::set<Key> seen;
  for (std::uint32_t step = 0; step < 300; ++step) seen.insert(image_key(draw_screen(4, step, 320, 200)));
  EXPECT_EQ(seen.size(), 300u);
}

TEST(DrawnScreen, AnySizeCanBeDrawn) {
  for (const std::uint32_t width : {1U, 2U, 31U, 300U, drawn_side_max}) {
    for (const std::uint32_t height : {1U, 5U, 64U, drawn_side_max}) {
      const DecodedImage screen = draw_screen(6, 60, width, height);
      EXPECT_EQ(screen.pixels.size(), std::size_t{width} * height * 3);
    }
  }
}

TEST(DrawnScreenDeathTest, AScreenHasSides) { EXPECT_DEATH(draw_screen(1, 0, 0, 0), "sides of 1 to"); }

}  // namespace
}  // namespace fovea
