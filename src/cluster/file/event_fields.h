// events_of: what happens to a fleet, as its file says. Pure; thread-safe.
#pragma once

#include <vector>

#include "cluster/file/fleet_json.h"
#include "cluster/fleet.h"
#include "fovea/result.h"

namespace fovea::fleet_json {

// By time. `fleet` has its nodes and what they share. Faults: invalid (with the event and the field).
Result<std::vector<FleetEvent>> events_of(const std::vector<Event>& texts, const Fleet& fleet);

}  // namespace fovea::fleet_json
