// A report's studies of policies and of growing working sets. A load like the scenario's is replayed through
// the real policies, with the entry sizes and costs that the bench measured. Pure functions; they take
// minutes.
#pragma once

#include <optional>

#include "base/progress.h"
#include "bench/bench_page.h"

namespace fovea::app {

// The measured sizes and costs of `group`'s entries; nullopt where no target with levels was measured.
std::optional<WorkloadModel> measured_model(const BenchGroup& group);

// What each policy saves under budgets from 1 % to 50 % of the working set.
PressureStudy study_pressure(Workload workload, const WorkloadModel& model, const Progress& progress);
// What one budget saves while the number of pictures grows.
GrowthStudy study_growth(Workload workload, const WorkloadModel& model, const Progress& progress);

}  // namespace fovea::app
