// read_trace: one trace from one file or several, whatever format each is in.
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
  std::optional<TraceFormat> format;  // of every file; none = recognised for each
  ModelProfile profile;               // sizes and costs of questions, whose files have none
  bool shuffled = false;              // questions in the order that `seed` gives, not the files'
  std::uint64_t seed = 1;             // also draws the questions' sizes and costs
};

// What the files `paths` hold ("-" is standard input), one after another; requests never span files. Questions may not
// stand beside other formats. Faults: those of the readers; unsupported (a workload, which must be generated); invalid (no look-up).
Result<Trace> read_trace(std::span<const std::string> paths, const ReadOptions& options, const Progress& progress);

// The same from sources already open.
Result<Trace> read_trace(std::span<TraceSource> sources, const ReadOptions& options, const Progress& progress);

}  // namespace fovea
