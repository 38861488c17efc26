// read_oracle_general: the binary format in which libCacheSim publishes traces of many systems.
//
// Records of 24 bytes, little-endian: seconds (u32), object (u64), bytes (u32), and the number of the next look-up of the same object
// (i64, -1 = none), which is not used. Such traces know no levels and no costs: every look-up is an embedding that costs 1 ms, so
// that saved time is a count of hits.
#pragma once

#include "base/progress.h"
#include "fovea/result.h"
#include "trace/trace_builder.h"
#include "trace/trace_source.h"

namespace fovea {

// Adds what `source` holds. Faults: corrupt (the last record is cut), too_large, unavailable.
Result<void> read_oracle_general(TraceSource& source, TraceBuilder& builder, const Progress& progress);

}  // namespace fovea
