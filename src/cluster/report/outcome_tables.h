// Outcome tables: what a study of a fleet says, as tables for terminals and pages. Pure functions;
// thread-safe. A table without rows has nothing to say and should be left out.
#pragma once

#include "cluster/fleet_study.h"
#include "report/page.h"

namespace fovea {

// One row for each class of nodes: what it is.
Table classes_table(const Fleet& fleet);
// One row for each way: times, hits, bytes.
Table ways_table(const FleetStudy& study);

// Of one way.
Table found_table(const StudiedWay& studied);    // by what requests found: how many, how long
Table levels_table(const StudiedWay& studied);   // by level: hits in memory, on disk, in the shared tier
Table busy_table(const StudiedWay& studied);     // by class of nodes: requests, hits, how busy
Table traffic_table(const StudiedWay& studied);  // bytes over links, and what else was counted
Table events_table(const StudiedWay& studied);   // by event: before, during, after

}  // namespace fovea
