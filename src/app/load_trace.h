// load_trace: the trace that a command line names: recorded, made from questions and a model profile, or
// generated from a workload. Thread-safe; the caller owns the trace.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/progress.h"
#include "fovea/result.h"
#include "trace/trace.h"

namespace fovea::app {

struct TraceFlags {
  std::vector<std::string> files;
  std::string format = "auto";  // or csv, jsonl, oracleGeneral, questions, workload
  std::string order = "file";   // or shuffle
  std::uint64_t seed = 1;
  std::string model_profile = "smolvlm-256m";  // one of samples/profiles, or a file
  std::string profile;                         // of fovea profile: all costs are by it; empty = as the trace has them
};

// Faults: those of the readers and of read_profile;
// not_found (no profile has that name; the sentence lists those that exist).
Result<Trace> load_trace(const TraceFlags& flags, const Progress& progress);

}  // namespace fovea::app
