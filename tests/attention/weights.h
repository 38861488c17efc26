// Attention for tests: made-up soft-maxed tensors, and the sum written down as plainly as its definition.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "attention/attention_sum.h"

namespace fovea {

// One layer's weights for one batch, which AttentionRows refers to.
struct Weights {
  std::uint32_t layer = 0;
  std::uint32_t keys = 0;
  std::uint32_t queries = 0;
  std::uint32_t heads = 0;
  std::vector<float> values;  // [heads][queries][keys]

  float& at(std::uint32_t head, std::uint32_t query, std::uint32_t key) {
    return values[(std::size_t{head} * queries + query) * keys + key];
  }
  // All rows, or those from `begin` to `end`.
  AttentionRows rows() const { return rows(0, queries); }
  AttentionRows rows(std::uint32_t begin, std::uint32_t end) const {
    return {.weights = values,
            .layer = layer,
            .keys = keys,
            .queries = queries,
            .heads = heads,
            .query_begin = begin,
            .query_end = end};
  }
};

// Rows that sum to 1 over the first `used` keys; the others are padding, which holds zeros.
Weights random_weights(std::mt19937_64& random, std::uint32_t layer, std::uint32_t keys, std::uint32_t used,
                       std::uint32_t queries, std::uint32_t heads);

// Keeps every matrix and averages in doubles, term by term, when asked.
class PlainSum {
 public:
  void add(const Weights& weights, std::uint32_t begin, std::uint32_t end);
  std::vector<double> importance() const;

 private:
  struct Part {
    Weights weights;
    std::uint32_t begin;
    std::uint32_t end;
  };
  std::vector<Part> parts_;
};

}  // namespace fovea
