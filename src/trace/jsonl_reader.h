// read_jsonl: a trace of one JSON object a line, with the fields of TraceRow by name.
#pragma once

#include "base/progress.h"
#include "fovea/result.h"
#include "trace/trace_builder.h"
#include "trace/trace_source.h"

namespace fovea {

// Adds what `source` holds. Unknown fields are ignored, empty lines too. Texts may also be numbers. A text is told apart as it
// is written, so the same characters with other escapes are another key.
// Faults: invalid, too_large, unavailable; the sentence begins with file and line.
Result<void> read_jsonl(TraceSource& source, TraceBuilder& builder, const Progress& progress);

}  // namespace fovea
