// A study of replays as a gnuplot script: saved share of all compute over the budget, a line a policy, and
// the lines nobody exceeds.
#pragma once

#include <string>
#include <string_view>

#include "replay/study.h"

namespace fovea::app {

// A script that draws on standard output by `terminal` ("svg", "pngcairo").
std::string replay_plot(const Study& study, std::string_view terminal);

}  // namespace fovea::app
