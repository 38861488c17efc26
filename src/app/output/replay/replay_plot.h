// A study of replays as a gnuplot script: the saved share of all compute over the budget, with one line for
// each policy and one for each bound. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "replay/study.h"

namespace fovea::app {

// A script that draws on standard output by `terminal` ("svg", "pngcairo").
std::string replay_plot(const Study& study, std::string_view terminal);

}  // namespace fovea::app
