// The names of a fleet's choices, nodes and events, as files, flags and tables spell them. Pure functions;
// thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cluster/fleet.h"
#include "fovea/result.h"

namespace fovea {

std::string_view to_string(Routing routing);      // "hash", "bounded_hash", "round_robin"
std::string_view to_string(Fetching fetching);    // "measured", "always", "never"
std::string_view to_string(Weights weights);      // "equal", "speed"
std::string_view to_string(NamedBy named_by);     // "picture", "session"
std::string_view to_string(FleetEventKind kind);  // "node_dies", "link_cut", ...

// Faults: invalid (the message lists the names).
Result<Routing> routing_of(std::string_view name);
Result<Fetching> fetching_of(std::string_view name);
Result<Weights> weights_of(std::string_view name);
Result<NamedBy> named_by_of(std::string_view name);
Result<FleetEventKind> event_kind_of(std::string_view name);

// The name of a node: that of its class, a dash, and its number in it from 1. Empty where there is none.
std::string node_name(const Fleet& fleet, std::uint32_t node);

}  // namespace fovea
