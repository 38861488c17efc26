// read_json_log: logs whose entries are JSON objects: lines, or the elements of a list.
#pragma once

#include "audit/log/log_run.h"
#include "fovea/result.h"

namespace fovea {

// Hands out the requests of `source`. REQUIRES: the format is requests, litellm, har or audit.
// Faults: unavailable, invalid (a document that breaks off).
Result<void> read_json_log(TraceSource& source, LogFormat format, LogRun& run);

}  // namespace fovea
