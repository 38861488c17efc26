// Key sequences: the keys that a benchmark requests, drawn beforehand so that neither drawing nor hashing is
// measured. Pure functions of the seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "fovea/key.h"

namespace fovea::bench {

// `count` keys of random bits, as good hashes are.
std::vector<Key> random_keys(std::size_t count, std::uint64_t seed);

// `length` draws from `keys`. The key of rank r (keys are ranked by their place) has a probability
// proportional to 1 / r^skew. The result has copies in the order of the requests, since a cache's caller
// holds the key that it requests: fetching keys from all over memory would be charged to the cache.
std::vector<Key> zipf_sequence(const std::vector<Key>& keys, double skew, std::size_t length, std::uint64_t seed);

}  // namespace fovea::bench
