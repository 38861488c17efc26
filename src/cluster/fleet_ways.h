// Fleet ways: one fleet run in several ways, so that their outcomes can be compared. Plain values; pure
// functions; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/fleet.h"
#include "fovea/result.h"

namespace fovea {

// What is compared.
enum class Compared : std::uint8_t {
  nothing,    // the fleet as it is
  sharing,    // what a shared tier and hashing add to nodes that know nothing of each other
  placement,  // fetching by measured cost beside always, never, and no shared tier
  prefetch,   // with prefetch and without
};

struct FleetWay {
  std::string name;   // for rows of tables
  std::string about;  // what is different in it
  Fleet fleet;
};

// The ways of a comparison. The last one is the fleet as its file has it, and with prefetch where that is
// compared. Faults: invalid (the fleet has nothing that could be compared so).
Result<std::vector<FleetWay>> ways_of(const Fleet& fleet, Compared compared);

// "sharing", "placement", "prefetch". Faults: invalid.
Result<Compared> compared_of(std::string_view name);

}  // namespace fovea
