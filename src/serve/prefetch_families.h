// prefetch_families: what came of moving pictures to memory ahead, as Prometheus' metric families. A pure
// function.
#pragma once

#include <prometheus/metric_family.h>

#include <optional>
#include <vector>

#include "prefetch/prefetch_counts.h"

namespace fovea::serve {

// Every family, with one metric each; families without any where nothing is moved ahead.
std::vector<prometheus::MetricFamily> prefetch_families(const std::optional<PrefetchCounts>& counts);

}  // namespace fovea::serve
