// What `fovea cache` found, as JSON for programs. Pure functions.
#pragma once

#include <string>

#include "app/cache/cache_row.h"
#include "app/cache/cache_summary.h"
#include "app/cache/entry_walk.h"
#include "app/cache/place.h"

namespace fovea::app {

std::string summary_json(const Place& place, const CacheSummary& summary, const WalkCounts& counts);
std::string row_json(const CacheRow& row);
std::string verified_json(const Place& place, const WalkCounts& counts);

}  // namespace fovea::app
