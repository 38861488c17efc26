// The odds of tokens: their probabilities, from the logits that a token was chosen from. They tell what a
// model would have said instead, and how sure it was. They are the model's own distribution, without
// temperature, penalties and the like. Pure functions; thread-safe.
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

// The `count` likeliest tokens, the likeliest first; of equal ones the lower id first. Fewer if there are
// fewer logits.
std::vector<TokenOdds> likeliest(std::span<const float> logits, std::size_t count);

}  // namespace fovea
