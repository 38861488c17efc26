// A bench's main numbers as one JSON document, for programs. A pure function.
#pragma once

#include <string>

#include "bench/bench_page.h"

namespace fovea::app {

std::string bench_json(const BenchPageInput& input);

}  // namespace fovea::app
