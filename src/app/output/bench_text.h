// The results of a bench as tables for a terminal. Thread-safe.
#pragma once

#include <string>

#include "bench/bench_page.h"

namespace fovea::app {

// One table a scenario.
std::string bench_text(const BenchPageInput& input);

}  // namespace fovea::app
