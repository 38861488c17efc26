// A bench's results as one JSON document, for machines.
#pragma once

#include <string>

#include "bench/bench_page.h"

namespace fovea::app {

std::string bench_json(const BenchPageInput& input);

}  // namespace fovea::app
