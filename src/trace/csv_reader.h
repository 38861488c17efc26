// read_csv: reads a trace of comma-separated values. The header line names the columns as TraceRow does, in
// any order. One call uses its source and builder alone.
#pragma once

#include "base/progress.h"
#include "fovea/result.h"
#include "trace/trace_builder.h"
#include "trace/trace_source.h"

namespace fovea {

// Adds the look-ups of `source` to `builder`. Columns of other names are ignored. Quoting is as in RFC 4180.
// Faults: invalid, too_large, unavailable; the message begins with file and line.
Result<void> read_csv(TraceSource& source, TraceBuilder& builder, const Progress& progress);

}  // namespace fovea
