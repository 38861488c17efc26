// What `fovea cache doctor` found, for a person and for programs. Pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "app/cache/finding.h"

namespace fovea::app {

// A line for each finding, and below it what to do.
std::string findings_text(std::string_view place, std::span<const Finding> findings);
// One document.
std::string findings_json(std::string_view place, std::span<const Finding> findings);

}  // namespace fovea::app
