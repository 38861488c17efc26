// measure_tier: what reading from a tier takes: the wait for a small value, and the rate of large ones.
//
// It stores values of its own under random keys and erases them again. Thread-safe as the tier is.
#pragma once

#include <cstdint>

#include "fovea/result.h"
#include "profile/profile.h"
#include "store/tier.h"

namespace fovea {

struct TierLoad {
  std::uint32_t small_values = 64;
  std::uint32_t large_values = 12;
  std::uint64_t large_bytes = std::uint64_t{4} << 20;
};

// Faults: those of the tier; unavailable where it loses what was just stored.
Result<TierTime> measure_tier(Tier& tier, const TierLoad& load = {});

}  // namespace fovea
