// FleetStudy: a fleet's outcomes, one for each way that is compared. Plain values. study_fleet() is
// thread-safe.
#pragma once

#include <vector>

#include "base/progress.h"
#include "cluster/fleet.h"
#include "cluster/fleet_outcome.h"
#include "cluster/fleet_ways.h"
#include "fovea/result.h"

namespace fovea {

struct StudiedWay {
  FleetWay way;
  FleetOutcome outcome;
};

struct FleetStudy {
  Fleet fleet;
  Compared compared = Compared::nothing;
  std::vector<StudiedWay> ways;  // the last one is the fleet as its file has it; at least one
};

// Simulates all ways. Faults: those of ways_of() and simulate().
Result<FleetStudy> study_fleet(const Fleet& fleet, Compared compared, const Progress& progress = {});

}  // namespace fovea
