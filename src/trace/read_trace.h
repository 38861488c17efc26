// read_trace: reads one trace from one file or several, each in any known format. Thread-safe for different
// sources.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/progress.h"
#include "fovea/result.h"
#include "trace/model_profile.h"
#include "trace/trace.h"
#include "trace/trace_format.h"

namespace fovea {

struct ReadOptions {
  std::optional<TraceFormat> format;  // of every file; none = each file is recognised
  ModelProfile profile;               // sizes and costs of questions, whose files have none
  bool shuffled = false;              // questions in the order that `seed` gives, not the files'
  std::uint64_t seed = 1;             // also draws the questions' sizes and costs
};

// The look-ups of the files `paths` ("-" is standard input), one file after another. A request never spans
// files. Questions cannot be mixed with other formats.
// Faults: those of the readers; unsupported (a workload, which must be generated); invalid (no look-up).
Result<Trace> read_trace(std::span<const std::string> paths, const ReadOptions& options, const Progress& progress);

// The same from sources that are open.
Result<Trace> read_trace(std::span<TraceSource> sources, const ReadOptions& options, const Progress& progress);

}  // namespace fovea
