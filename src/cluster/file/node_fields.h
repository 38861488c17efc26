// node_classes: the classes of nodes in a fleet's file, with the profiles that they name. Reads files;
// thread-safe.
#pragma once

#include <vector>

#include "cluster/file/fleet_json.h"
#include "cluster/file/named_file.h"
#include "cluster/fleet.h"
#include "fovea/result.h"

namespace fovea::fleet_json {

// Faults: invalid (with the class and the field), and those of read_profile.
Result<std::vector<NodeClass>> node_classes(const Document& document, const FleetFolders& folders);

}  // namespace fovea::fleet_json
