// named_file: the file that a name in a fleet's file leads to: a bundled one, or one of the user's own.
// Thread-safe.
#pragma once

#include <filesystem>
#include <string>

#include "fovea/result.h"

namespace fovea {

// Where names lead: "device": "t4" is devices/t4.json of the samples; a name with a slash or the ending .json
// is a file, seen from the fleet's own folder.
struct FleetFolders {
  std::filesystem::path own, samples;
};

// `kind` is the samples' folder. Faults: not_found (with the names that there are).
Result<std::filesystem::path> named_file(const std::string& name, const char* kind, const FleetFolders& folders);

}  // namespace fovea
