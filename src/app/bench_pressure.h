// What a report says of policies and growing working sets: found by replaying the scenario's load through the real policies, with what
// its entries were measured to weigh and cost.
#pragma once

#include <optional>

#include "base/progress.h"
#include "bench/bench_page.h"

namespace fovea::app {

// The sizes and costs that `group`'s entries were measured to have; nullopt where no target with levels was measured.
std::optional<WorkloadModel> measured_model(const BenchGroup& group);

PressureStudy study_pressure(Workload workload, const WorkloadModel& model, const Progress& progress);
GrowthStudy study_growth(Workload workload, const WorkloadModel& model, const Progress& progress);

}  // namespace fovea::app
