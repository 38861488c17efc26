// The compulsory ceiling: what a cache without bounds saves, which misses only what it has never seen.
#pragma once

#include "replay/replay_outcome.h"
#include "trace/trace.h"

namespace fovea {

// REQUIRES: as replay().
ReplayOutcome compulsory_ceiling(const Trace& trace);

// The bytes that such a cache ends with: every key once, at its largest, with the overhead of an entry. What 100 %
// means.
std::uint64_t working_set_bytes(const Trace& trace);

}  // namespace fovea
