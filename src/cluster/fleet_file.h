// Fleets as files: JSON, written by hand. docs/simulate.md has the fields.
//
// What is read is checked whole: whoever gets a Fleet from here may simulate it. Functions are thread-safe;
// the caller owns the fleet.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "cluster/file/named_file.h"
#include "cluster/fleet.h"
#include "fovea/result.h"

namespace fovea {

// What somebody wants otherwise than the file says.
struct FleetChanges {
  std::optional<std::uint32_t> requests = std::nullopt;
  std::optional<std::uint64_t> seed = std::nullopt;
  // So many nodes, in the fleet's proportions, with as many times the clients or the rate. What is shared
  // stays.
  std::optional<std::uint32_t> nodes = std::nullopt;
  std::optional<Routing> routing = std::nullopt;
  std::optional<Fetching> fetching = std::nullopt;
};

// The fleet that a JSON document describes. Errors call the document `name`. Unknown fields are faults.
// Faults: invalid (with the field, or the place in the text), and those of read_profile and read_workload.
Result<Fleet> parse_fleet(std::string_view json, const std::string& name, const FleetFolders& folders,
                          const FleetChanges& changes = {});

// The fleet in the file at `path`; - is standard input. Faults: as above, not_found, unavailable, too_large.
Result<Fleet> read_fleet(const std::string& path, const std::filesystem::path& samples,
                         const FleetChanges& changes = {});

}  // namespace fovea
