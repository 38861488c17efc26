// read_oracle_general: reads the binary format in which libCacheSim publishes traces of many systems.
//
// A record has 24 bytes, little-endian: seconds (u32), object (u64), bytes (u32), and the number of the next
// look-up of the same object (i64, -1 = none), which is not used. Such traces have no levels and no costs.
// Every look-up is an embedding that costs 1 ms, so that saved time counts the hits. One call uses its source
// and builder alone.
#pragma once

#include "base/progress.h"
#include "fovea/result.h"
#include "trace/trace_builder.h"
#include "trace/trace_source.h"

namespace fovea {

// Adds the look-ups of `source` to `builder`. Faults: corrupt (the last record is incomplete), too_large,
// unavailable.
Result<void> read_oracle_general(TraceSource& source, TraceBuilder& builder, const Progress& progress);

}  // namespace fovea
