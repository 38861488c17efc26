// Studies of fleets as one JSON document, for machines. docs/simulate.md has the fields. Thread-safe.
#pragma once

#include <span>
#include <string>

#include "cluster/fleet_study.h"

namespace fovea::app {

// One line, ended.
std::string simulate_json(std::span<const FleetStudy> studies);

}  // namespace fovea::app
