// The normal equations of least squares, each with a little weight on the rule of thumb. Where the data say
// nothing of a number (all prompts have as many parts, or one picture each) it stays what the rule says; the
// weights decide which number gives way first: tokens around parts, then tokens of texts, then those of
// pictures.
#include "audit/prompts/token_fit.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace fovea {

namespace {

// No vocabulary has more than one token a byte, and none has as few as one in sixteen on the average.
constexpr double per_byte_min = 1.0 / 16, per_byte_max = 1;
constexpr double per_part_max = 256;
// Models of today take from a tenth to ten times as many tokens of a picture as each other.
constexpr double per_picture_token_max = 10;

constexpr std::array<double, 3> weight_of_rule = {1e-7, 1e-9, 1e-5};  // of a term's own sum of squares

// Solves by elimination with pivots; a row of nothing leaves its number at 0.
template <std::size_t N>
std::array<double, N> solved(std::array<std::array<double, N>, N> left, std::array<double, N> right) {
  std::array<double, N> result{};
  for (std::size_t i = 0; i < N; ++i) {
    std::size_t pivot = i;
    for (std::size_t row = i + 1; row < N; ++row)
      if (std::abs(left[row][i]) > std::abs(left[pivot][i])) pivot = row;
    std::swap(left[i], left[pivot]);
    std::swap(right[i], right[pivot]);
    if (left[i][i] == 0) continue;
    for (std::size_t row = i + 1; row < N; ++row) {
      const double factor = left[row][i] / left[i][i];
      for (std::size_t column = i; column < N; ++column) left[row][column] -= factor * left[i][column];
      right[row] -= factor * right[i];
    }
  }
  for (std::size_t i = N; i-- > 0;) {
    double sum = right[i];
    for (std::size_t column = i + 1; column < N; ++column) sum -= left[i][column] * result[column];
    result[i] = left[i][i] == 0 ? 0 : sum / left[i][i];
  }
  return result;
}

}  // namespace

void TokenFitter::see(const PromptSize& size, double prompt_tokens) {
  const std::array<double, terms> one = {size.bytes, size.parts, size.picture_tokens};
  ++seen_;
  tokens_ += prompt_tokens;
  for (std::size_t i = 0; i < terms; ++i) {
    sums_[i] += one[i];
    with_tokens_[i] += one[i] * prompt_tokens;
    for (std::size_t j = 0; j < terms; ++j) products_[i][j] += one[i] * one[j];
  }
}

TokenFit TokenFitter::fit() const {
  const TokenFit rule;
  if (seen_ == 0) return rule;
  // What is learnt is how far each number is from the rule.
  const std::array<double, terms> by_rule = {rule.per_byte, rule.per_part, rule.per_picture_token};
  auto left = products_;
  auto right = with_tokens_;
  for (std::size_t i = 0; i < terms; ++i) {
    for (std::size_t j = 0; j < terms; ++j) right[i] -= products_[i][j] * by_rule[j];
    left[i][i] *= 1 + weight_of_rule[i];
  }
  const std::array<double, terms> apart = solved(left, right);
  TokenFit fit{.per_byte = std::clamp(by_rule[0] + apart[0], per_byte_min, per_byte_max),
               .per_part = std::clamp(by_rule[1] + apart[1], 0.0, per_part_max),
               .per_picture_token = std::clamp(by_rule[2] + apart[2], 0.0, per_picture_token_max)};
  // Where a number met its bound, pictures take the rest, so that the sum is the log's.
  const double texts = fit.per_byte * sums_[0] + fit.per_part * sums_[1];
  if (sums_[2] > 0) fit.per_picture_token = std::clamp((tokens_ - texts) / sums_[2], 0.0, per_picture_token_max);
  return fit;
}

}  // namespace fovea
