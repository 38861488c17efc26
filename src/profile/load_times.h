// measure_load: what a request of a bench's scenario consists of: opening a picture, its tiles, the prompt,
// the answer, copying the state behind the picture.
//
// Each part is called by itself through the engine's interface, as the pipeline calls it, without a cache.
// One call uses an engine alone.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "profile/device_counters.h"
#include "profile/profile.h"
#include "profile/repeat.h"
#include "workload/scenario.h"

namespace fovea {

struct LoadInput {
  Scenario scenario;  // whose requests have a picture each: "question"
  std::vector<std::string> questions;
  std::uint64_t seed = 42;
  Repeats repeats = {.times_max = 48, .ms_max = 10'000};  // of whole requests
  std::stop_token stop;
};

// Measures first requests about pictures, and fills what `model` has of them: `load`, the tiles, the state,
// the use of the processors. REQUIRES: questions. Faults: those of the engine; cancelled.
Result<void> measure_load(VisionLanguageEngine& engine, const LoadInput& input, const DeviceCounters& counters,
                          ModelTimes& model);

}  // namespace fovea
