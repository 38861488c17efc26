// TraceFormat: how a file writes down a trace, by name and by its first bytes.
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

// The format of what `source` holds, by its name's ending and its first bytes; nothing is consumed.
// Faults: unsupported (compressed; the sentence says how to unpack), invalid (empty, or like no format), unavailable.
Result<TraceFormat> recognise(TraceSource& source);

}  // namespace fovea
