#include "attention/weights.h"

#include <algorithm>
#include <set>

namespace fovea {

Weights random_weights(std::mt19937_64& random, std::uint32_t layer, std::uint32_t keys, std::uint32_t used,
                       std::uint32_t queries, std::uint32_t heads) {
  Weights weights{layer, keys, queries, heads, std::vector<float>(std::size_t{keys} * queries * heads)};
  std::exponential_distribution<double> drawn;
  std::vector<double> row(used);
  for (std::uint32_t head = 0; head < heads; ++head) {
    for (std::uint32_t query = 0; query < queries; ++query) {
      double sum = 0;
      for (double& weight : row) sum += weight = drawn(random);
      for (std::uint32_t key = 0; key < used; ++key) weights.at(head, query, key) = static_cast<float>(row[key] / sum);
    }
  }
  return weights;
}

void PlainSum::add(const Weights& weights, std::uint32_t begin, std::uint32_t end) {
  parts_.push_back({weights, begin, end});
}

std::vector<double> PlainSum::importance() const {
  std::set<std::uint32_t> layers;
  std::uint32_t keys = 0;
  for (const Part& part : parts_) {
    layers.insert(part.weights.layer);
    keys = std::max(keys, part.weights.keys);
  }
  std::vector<double> importance(keys);
  for (Part part : parts_) {
    for (std::uint32_t query = part.begin; query < part.end; ++query) {
      for (std::uint32_t head = 0; head < part.weights.heads; ++head) {
        for (std::uint32_t key = 0; key < part.weights.keys; ++key) {
          const double weight = part.weights.at(head, query, key);
          importance[key] += weight / part.weights.heads / static_cast<double>(layers.size());
        }
      }
    }
  }
  return importance;
}

}  // namespace fovea
