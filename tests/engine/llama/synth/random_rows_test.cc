#include "engine/llama/synth/random_rows.h"

#include <ggml.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace fovea::llama {
namespace {

constexpr std::int64_t row_length = 4;

std::vector<float> drawn(std::uint64_t seed, const Draw& draw, std::int64_t first_row, std::int64_t rows,
                         std::int64_t length = row_length) {
  std::vector<float> numbers(static_cast<std::size_t>(rows * length));
  const TensorPiece piece{
      .tensor = 0, .name = "t", .type = GGML_TYPE_F32, .row_length = length, .first_row = first_row, .rows = rows};
  draw_rows(seed, draw, piece, std::as_writable_bytes(std::span(numbers)));
  return numbers;
}

TEST(RandomRows, HaveKnownNumbers) {
  EXPECT_EQ(drawn(7, {.spread = 1}, 1, 1), (std::vector<float>{-0.3512149155139923F, -0.3381325602531433F,
                                                               1.5330932140350342F, 0.46596962213516235F}));
}

TEST(RandomRows, APieceIsAPartOfTheWhole) {
  const std::vector<float> whole = drawn(3, {.mean = 1, .spread = 2}, 0, 9);
  for (const std::int64_t cut : {1, 4, 8}) {
    std::vector<float> parts = drawn(3, {.mean = 1, .spread = 2}, 0, cut);
    const std::vector<float> rest = drawn(3, {.mean = 1, .spread = 2}, cut, 9 - cut);
    parts.insert(parts.end(), rest.begin(), rest.end());
    EXPECT_EQ(parts, whole) << cut;
  }
}

TEST(RandomRows, SeveralThreadsDrawWhatOneDoes) {
  constexpr std::int64_t length = 1 << 14, rows = 40;
  const std::vector<float> whole = drawn(5, {.spread = 1}, 0, rows, length);
  for (std::int64_t row = 0; row < rows; row += 13) {
    const std::vector<float> one = drawn(5, {.spread = 1}, row, 1, length);
    EXPECT_TRUE(std::equal(one.begin(), one.end(), whole.begin() + row * length)) << row;
  }
}

TEST(RandomRows, HaveTheirMeanAndSpread) {
  const std::vector<float> numbers = drawn(11, {.mean = 2, .spread = 0.5}, 0, 1, 200'000);
  double sum = 0, squares = 0;
  for (const float number : numbers) sum += number;
  const double mean = sum / static_cast<double>(numbers.size());
  for (const float number : numbers) squares += (number - mean) * (number - mean);
  EXPECT_NEAR(mean, 2, 0.01);
  EXPECT_NEAR(std::sqrt(squares / static_cast<double>(numbers.size())), 0.5, 0.01);
}

TEST(RandomRows, ZeroRowsAreZero) {
  const std::vector<float> numbers = drawn(3, {.mean = 1, .spread = 2, .zero_rows = {1, 2}}, 0, 4);
  for (std::size_t i = 0; i < numbers.size(); ++i) EXPECT_EQ(numbers[i] == 0, i >= 4 && i < 12) << i;
}

TEST(RandomRows, EveryTensorHasItsOwnSeed) {
  EXPECT_EQ(tensor_seed(1, "decoder", "a"), tensor_seed(1, "decoder", "a"));
  EXPECT_NE(tensor_seed(1, "decoder", "a"), tensor_seed(2, "decoder", "a"));
  EXPECT_NE(tensor_seed(1, "decoder", "a"), tensor_seed(1, "mmproj", "a"));
  EXPECT_NE(tensor_seed(1, "decoder", "a"), tensor_seed(1, "decoder", "b"));
}

}  // namespace
}  // namespace fovea::llama
