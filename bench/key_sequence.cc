#include "key_sequence.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

namespace fovea::bench {

std::vector<Key> random_keys(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Key> keys(count);
  for (Key& key : keys) {
    for (std::size_t at = 0; at < key.bytes.size(); at += 8) {
      const std::uint64_t bits = random();
      std::memcpy(key.bytes.data() + at, &bits, sizeof bits);
    }
  }
  return keys;
}

std::vector<Key> zipf_sequence(const std::vector<Key>& keys, double skew, std::size_t length, std::uint64_t seed) {
  std::vector<double> cumulated(keys.size());
  double sum = 0;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    sum += std::pow(static_cast<double>(i + 1), -skew);
    cumulated[i] = sum;
  }
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform(0, sum);
  std::vector<Key> sequence(length);
  for (Key& key : sequence) {
    const auto rank = std::ranges::lower_bound(cumulated, uniform(random)) - cumulated.begin();
    key = keys[std::min<std::size_t>(static_cast<std::size_t>(rank), keys.size() - 1)];
  }
  return sequence;
}

}  // namespace fovea::bench
