// read_jsonl: reads a trace of one JSON object a line, with the fields of TraceRow by name. One call uses its
// source and builder alone.
#pragma once

#include "base/progress.h"
#include "fovea/result.h"
#include "trace/trace_builder.h"
#include "trace/trace_source.h"

namespace fovea {

// Adds the look-ups of `source` to `builder`. Unknown fields and empty lines are ignored. A text may also be
// a number. Keys are compared as they are spelt, so the same characters with other escapes are another key.
// Faults: invalid, too_large, unavailable; the message begins with file and line.
Result<void> read_jsonl(TraceSource& source, TraceBuilder& builder, const Progress& progress);

}  // namespace fovea
