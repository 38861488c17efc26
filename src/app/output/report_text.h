// A request's report in lines for people: the outcome of each level, the stages, what was saved. Thread-safe.
#pragma once

#include <string>

#include "pipeline/request_report.h"

namespace fovea::app {

// One line: "response miss, embedding hit (1 of 1 tile found) - 12 ms, saved 8.10 ms".
std::string summary_line(const RequestReport& report);

// The stages that took time, one line: "decode 0.80 ms, encode 7.10 ms".
std::string stages_line(const StageTimes& times);

}  // namespace fovea::app
