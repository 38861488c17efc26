// A study of a fleet as tables for a terminal. Thread-safe.
#pragma once

#include <string>

#include "cluster/fleet_study.h"

namespace fovea::app {

// Of one way all that is known; of several, how they compare, and the last one's events.
std::string simulate_text(const FleetStudy& study);

}  // namespace fovea::app
