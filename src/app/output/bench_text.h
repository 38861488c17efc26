// A bench's results as lines for a terminal.
#pragma once

#include <string>

#include "bench/bench_page.h"

namespace fovea::app {

std::string bench_text(const BenchPageInput& input);

}  // namespace fovea::app
