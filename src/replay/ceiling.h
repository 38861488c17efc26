// The compulsory ceiling: what a cache without bounds saves, which misses each key only once. Pure functions;
// thread-safe.
#pragma once

#include "replay/replay_outcome.h"
#include "trace/trace.h"

namespace fovea {

// REQUIRES: as replay().
ReplayOutcome compulsory_ceiling(const Trace& trace);

// The bytes that such a cache ends with: every key once, at its largest size, with the overhead of an entry.
// A budget of 100 % is this.
std::uint64_t working_set_bytes(const Trace& trace);

}  // namespace fovea
