// Event effects: what an event did to a fleet, from its outcome second by second. Pure function; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cluster/fleet.h"
#include "cluster/fleet_outcome.h"

namespace fovea {

// A number over the time around an event.
struct Course {
  double before = 0;  // over up to a minute; less where another event or the beginning is nearer
  double during = 0;  // until it is over, or over a minute where it is for good
  double worst = 0;   // in the worst ten seconds since the event, until it was back
  // Seconds from the event until it is back, in ten seconds together: shares to within two points of before
  // (or three standard errors, where there are few requests), times to within a quarter; 0 where it never
  // left. Absent: not while the fleet ran.
  std::optional<double> back_after_s = std::nullopt;
};

struct EventEffect {
  FleetEvent event;
  Course from_memory;          // shares of answered requests: from the memory of their node,
  Course found;                // and found in any tier or with another request: not encoded
  Course mean_ms;              // of answered requests
  std::uint64_t requests = 0;  // during the event
  std::uint64_t failed = 0;
};

// Of all events that happened while the fleet ran.
std::vector<EventEffect> event_effects(const Fleet& fleet, const FleetOutcome& outcome);

}  // namespace fovea
