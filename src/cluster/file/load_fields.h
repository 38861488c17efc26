// load_of: the load in a fleet's file, with the workload that it names. Reads files; thread-safe.
#pragma once

#include "cluster/file/fleet_json.h"
#include "cluster/file/named_file.h"
#include "cluster/fleet.h"
#include "fovea/result.h"

namespace fovea::fleet_json {

// Faults: invalid (with the field), and those of read_workload.
Result<FleetLoad> load_of(const Load& load, const FleetFolders& folders);

}  // namespace fovea::fleet_json
