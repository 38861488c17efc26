// An outcome as JSON: one line, with every field under its name. Pure functions; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "cluster/fleet_outcome.h"
#include "fovea/result.h"

namespace fovea {

std::string to_json(const FleetOutcome& outcome);

// The outcome that to_json() wrote, to the last bit. Faults: invalid.
Result<FleetOutcome> parse_outcome(std::string_view json);

}  // namespace fovea
