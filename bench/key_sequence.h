// Key sequences: the keys that a benchmark uses, drawn beforehand so that neither drawing nor hashing is
// measured. Pure functions; thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "fovea/key.h"

namespace fovea::bench {

// `count` keys of random bits, as good hashes are.
std::vector<Key> random_keys(std::size_t count, std::uint64_t seed);

// `length` draws from `keys`. The key of rank r (its index) comes with probability proportional to 1 /
// r^skew. The result has copies of the keys, in the order of use, because the caller of a cache has its key
// at hand: the time to fetch keys from all over memory would be charged to the cache.
std::vector<Key> zipf_sequence(const std::vector<Key>& keys, double skew, std::size_t length, std::uint64_t seed);

}  // namespace fovea::bench
