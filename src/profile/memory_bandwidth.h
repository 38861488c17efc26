// measure_bandwidth: how fast threads copy memory with two reads and a write for each number (the triad of
// McCalpin's STREAM). Decoding reads all weights for each token, so this bounds it. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>

#include "profile/profile.h"

namespace fovea {

// Far more than caches hold, and little beside a model: three arrays of 64 MiB.
constexpr std::size_t triad_numbers = std::size_t{8} << 20;

// The best of a few passes over three arrays of `numbers` doubles, by so many threads. 24 bytes a number are
// counted. REQUIRES: threads and numbers are above 0.
BandwidthAt measure_bandwidth(std::uint32_t threads, std::size_t numbers = triad_numbers);

}  // namespace fovea
