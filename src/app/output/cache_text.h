// What `fovea cache` found, as text for a person. Pure functions.
#pragma once

#include <span>
#include <string>

#include "app/cache/cache_row.h"
#include "app/cache/cache_summary.h"
#include "app/cache/entry_walk.h"
#include "app/cache/place.h"

namespace fovea::app {

// A table of what each kind takes and saves, and lines of what is remarkable.
std::string summary_text(const Place& place, const CacheSummary& summary, const WalkCounts& counts, double now_unix_ms);

// A line for each row, below a line of headings.
std::string rows_text(std::span<const CacheRow> rows, double now_unix_ms);

// What was verified, and what became of what is not sound.
std::string verified_text(const Place& place, const WalkCounts& counts);

// "2 wrong_checksum, 1 purged"; empty where all was sound.
std::string doubts_text(const WalkCounts& counts);

// How long ago, in the largest unit that fits: "12 s", "3 min", "5 h", "2 d".
std::string age_text(double age_ms);

}  // namespace fovea::app
