// The odds of tokens, from the logits that one was chosen from: what a model would have said, and how sure it was.
// They are of the model's own distribution: temperature, penalties and the like are not in them. Pure; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fovea {

struct TokenOdds {
  std::int32_t id;
  double log_probability;  // natural logarithm
};

// The natural logarithm of the probability of `token`: log softmax over all logits. NaN counts as impossible.
// REQUIRES: token is an index of logits.
double log_probability_of(std::span<const float> logits, std::int32_t token);

// The `count` likeliest tokens, the likeliest first, of equal ones the lower id first; fewer where there are fewer.
std::vector<TokenOdds> likeliest(std::span<const float> logits, std::size_t count);

}  // namespace fovea
