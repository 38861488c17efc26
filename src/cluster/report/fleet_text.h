// Fleets, events and numbers in words, for tables and sentences. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cluster/fleet.h"
#include "cluster/fleet_outcome.h"

namespace fovea {

// "8 nodes (8 t4), 2 shards; hash, fetching measured; 20,000 requests of shop by 32 clients".
std::string fleet_line(const Fleet& fleet);
// What the most of a request was found as, such as "embeddings on disk".
std::string_view found_text(Way way);
// What happens, such as "node edge-1 dies".
std::string event_text(const Fleet& fleet, const FleetEvent& event);

std::string bytes_text(double bytes);  // "1.50 GiB"

}  // namespace fovea
