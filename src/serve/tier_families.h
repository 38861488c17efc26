// tier_families: the statistics of tiers as Prometheus' metric families. A pure function.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "store/lane/tier_lane.h"

namespace fovea::serve {

// Every family, each with a metric for each tier and level; empty families where there are no tiers.
std::vector<prometheus::MetricFamily> tier_families(const std::vector<TierStats>& tiers);

}  // namespace fovea::serve
