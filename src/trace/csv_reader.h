// read_csv: a trace in comma-separated values, whose header line names the columns as TraceRow does, in any order.
#pragma once

#include "base/progress.h"
#include "fovea/result.h"
#include "trace/trace_builder.h"
#include "trace/trace_source.h"

namespace fovea {

// Adds what `source` holds. Columns of other names are ignored; quoting is as in RFC 4180.
// Faults: invalid, too_large, unavailable; the sentence begins with file and line.
Result<void> read_csv(TraceSource& source, TraceBuilder& builder, const Progress& progress);

}  // namespace fovea
