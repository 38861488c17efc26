// The softmax is taken relative to the highest logit, so that no exponential overflows. NaN, which a damaged
// model makes, counts as a logit of minus infinity.
#include "engine/token_odds.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/check.h"

namespace fovea {

namespace {

constexpr float impossible = -std::numeric_limits<float>::infinity();

float number(float logit) { return std::isnan(logit) ? impossible : logit; }

// The logarithm of the sum of exponentials of all logits, in two parts: the highest logit, and the rest
// relative to it. They are added last, since one may be far larger than the other.
struct Total {
  float highest = impossible;
  double rest = 0;
};

Total total_of(std::span<const float> logits) {
  Total total;
  for (const float logit : logits) total.highest = std::max(total.highest, number(logit));
  constexpr float negligible = -32;  // e^-32 each: a million of them change the sum by 1e-8, and need no exp
  double sum = 0;
  for (const float logit : logits) {
    const float below = logit - total.highest;
    if (below > negligible) sum += std::exp(static_cast<double>(below));
  }
  total.rest = std::log(sum);
  return total;
}

double log_probability(float logit, const Total& total) {
  // Where all logits are minus infinity, or one is infinite, a difference would be NaN.
  if (std::isinf(total.highest)) return logit == total.highest && logit > 0 ? 0.0 : static_cast<double>(impossible);
  return (static_cast<double>(number(logit)) - total.highest) - total.rest;
}

}  // namespace

double log_probability_of(std::span<const float> logits, std::int32_t token) {
  check(token >= 0 && static_cast<std::size_t>(token) < logits.size(), "a token has a logit");
  return log_probability(logits[static_cast<std::size_t>(token)], total_of(logits));
}

std::vector<TokenOdds> likeliest(std::span<const float> logits, std::size_t count) {
  std::vector<std::int32_t> ids(logits.size());
  std::iota(ids.begin(), ids.end(), 0);
  const auto logit = [&](std::int32_t id) { return number(logits[static_cast<std::size_t>(id)]); };
  const auto end = ids.begin() + static_cast<std::ptrdiff_t>(std::min(count, ids.size()));
  std::ranges::partial_sort(
      ids, end, [&](std::int32_t a, std::int32_t b) { return logit(a) != logit(b) ? logit(a) > logit(b) : a < b; });
  const Total total = total_of(logits);
  std::vector<TokenOdds> odds;
  for (auto id = ids.begin(); id != end; ++id) odds.push_back({*id, log_probability(logit(*id), total)});
  return odds;
}

}  // namespace fovea
