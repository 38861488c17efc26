// audit_families: what came of the requests that are recorded for fovea audit, as Prometheus' metric
// families. A pure function.
#pragma once

#include <prometheus/metric_family.h>

#include <optional>
#include <vector>

#include "serve/audit/traffic_recorder.h"

namespace fovea::serve {

// Every family; none of them has a metric where nothing is recorded.
std::vector<prometheus::MetricFamily> audit_families(const std::optional<TrafficRecorded>& counts);

}  // namespace fovea::serve
