// TraceFormat: the file formats of traces. recognise() finds a file's format from its first bytes and its
// name.
#pragma once

#include <cstdint>
#include <string_view>

#include "fovea/result.h"
#include "trace/trace_source.h"

namespace fovea {

enum class TraceFormat : std::uint8_t {
  csv,                // a header line, then a look-up a line
  jsonl,              // a JSON object a line, a look-up each
  oracle_general,     // libCacheSim's binary records
  question_document,  // one JSON document of questions
  question_lines,     // a JSON object a line, a question each
  workload,           // a JSON document that describes a load to be generated
};

// The format of `source`, by the end of its name and its first bytes. Nothing is consumed.
// Faults: unsupported (compressed; the message says how to unpack it), invalid (empty, or no known format),
// unavailable.
Result<TraceFormat> recognise(TraceSource& source);

}  // namespace fovea
