// The results of a bench as one JSON document, for machines. Thread-safe.
#pragma once

#include <string>

#include "bench/bench_page.h"

namespace fovea::app {

// One line, ended.
std::string bench_json(const BenchPageInput& input);

}  // namespace fovea::app
