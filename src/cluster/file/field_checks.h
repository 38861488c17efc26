// What the fields of a fleet's file have in common: saying where something is wrong, ranges, sizes, links.
// Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cluster/file/fleet_json.h"
#include "cluster/fleet.h"
#include "fovea/result.h"

namespace fovea::fleet_json {

constexpr std::uint32_t nodes_max = 4096;  // four times what takes a simulation minutes
constexpr double rate_max = 1e6;           // requests a second
constexpr double wait_max_ms = 60'000;     // latencies, commands

// A fault of `where`: "WHERE: WHAT".
std::unexpected<Error> wrong(std::string_view where, std::string_view what);
std::unexpected<Error> wrong(std::string_view where, const Error& error);

inline bool is_within(double value, double low, double high) { return value >= low && value <= high; }

// Letters, digits and dashes, at least one.
bool is_name(std::string_view name);

// Faults: invalid.
Result<std::uint64_t> size_of(std::string_view field, const std::string& text);
Result<FleetLink> link_of(const Link& link);

}  // namespace fovea::fleet_json
