// SPDX-License-Identifier: Apache-2.0

// fovea.Stats and fovea.TierStats: what a level or store did, and what it holds.
#pragma once

#include <vector>

#include "fovea/level_stats.h"
#include "python.h"
#include "store/lane/tier_lane.h"

namespace fovea::python {

struct Stats {
  LevelStats memory;
  std::vector<TierStats> tiers;
};

void bind_stats(nb::module_& module);

}  // namespace fovea::python
