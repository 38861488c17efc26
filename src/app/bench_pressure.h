// The studies of a report that are replayed: policies under pressure, and growing working sets. They run the
// load of a scenario through the code of the real policies, with the sizes and costs that were measured.
// Stateless functions.
#pragma once

#include <optional>

#include "base/progress.h"
#include "bench/bench_page.h"

namespace fovea::app {

// The measured sizes and costs of the entries of `group`; nullopt where no target with levels was measured.
std::optional<WorkloadModel> measured_model(const BenchGroup& group);

PressureStudy study_pressure(Workload workload, const WorkloadModel& model, const Progress& progress);
GrowthStudy study_growth(Workload workload, const WorkloadModel& model, const Progress& progress);

}  // namespace fovea::app
