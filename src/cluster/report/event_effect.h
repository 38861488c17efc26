// Event effects: what an event did to a fleet, from its outcome second by second. Pure function; thread-safe.
#pragma once

#include <optional>
#include <vector>

#include "cluster/fleet.h"
#include "cluster/fleet_outcome.h"

namespace fovea {

// Of the requests that ended in some seconds. Shares are 0 where there were none.
struct Stretch {
  double seconds = 0;
  std::uint64_t requests = 0;
  std::uint64_t failed = 0;
  double from_memory = 0;  // a share of those that were answered
  double encoded = 0;      // likewise
  double mean_ms = 0;      // of those that were answered
};

struct EventEffect {
  FleetEvent event;
  Stretch before;     // up to a minute; less where another event or the beginning is nearer
  Stretch during;     // until it is over, or a minute where it is for good
  double lowest = 0;  // the share from memory in the worst ten seconds since the event
  // Seconds from the event until the share from memory is back to within two points of what it was before, in
  // ten seconds together; 0 where it never fell. Absent: not while the fleet ran.
  std::optional<double> back_after_s;
};

// Of all events that happened while the fleet ran.
std::vector<EventEffect> event_effects(const Fleet& fleet, const FleetOutcome& outcome);

}  // namespace fovea
