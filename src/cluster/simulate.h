// simulate: runs a fleet on a virtual clock.
//
// The policies, breakers, transfer times, placement, leases and prefetch of the server's own code decide; the
// network is SimGrid's; values are sizes alone. A simulation runs in a process of its own, since SimGrid has
// one clock for each process: the caller's process is forked, and needs no more than its memory. Thread-safe.
#pragma once

#include "base/progress.h"
#include "cluster/fleet.h"
#include "cluster/fleet_outcome.h"
#include "fovea/result.h"

namespace fovea {

// What `fleet` does with its load. The same fleet has the same outcome each time, but for its wall_seconds.
// REQUIRES: a fleet that read_fleet would accept.
// Faults: unavailable (no process for it, or it ended: too little memory, say).
Result<FleetOutcome> simulate(const Fleet& fleet, const Progress& progress = {});

}  // namespace fovea
