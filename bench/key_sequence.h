// Key sequences: who is asked for in a benchmark, drawn beforehand so that neither drawing nor hashing is measured.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "fovea/key.h"

namespace fovea::bench {

// `count` keys of random bits, as good hashes are.
std::vector<Key> random_keys(std::size_t count, std::uint64_t seed);

// `length` draws from `keys`: the key of rank r (keys are ranked by their place) comes with probability proportional to 1 / r^skew.
// Copies stand in the order in which they will be asked for, since a cache's caller holds the key it asks for: fetching keys from
// all over memory would be charged to the cache.
std::vector<Key> zipf_sequence(const std::vector<Key>& keys, double skew, std::size_t length, std::uint64_t seed);

}  // namespace fovea::bench
