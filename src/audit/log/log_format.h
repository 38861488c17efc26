// recognise_log: the format of a log, by its first bytes.
#pragma once

#include <string_view>

#include "audit/read_log.h"
#include "fovea/result.h"
#include "trace/trace_source.h"

namespace fovea {

// Behind a file's name, of a file that is none of these.
inline constexpr std::string_view what_is_read =
    "no log that is read. Read are JSON lines of requests (bodies of OpenAI's Chat Completions or Responses or of "
    "Anthropic's Messages, alone or with times and replies around them), LiteLLM's and vLLM's logs, HAR files, CSV "
    "with "
    "the columns picture and question, question files of data sets, and what fovea serve --audit wrote. --format says "
    "which it is";

// The format of `source`. Nothing is consumed.
// Faults: unsupported (compressed; the message says how to unpack it), invalid (empty, or no log),
// unavailable.
Result<LogFormat> recognise_log(TraceSource& source);

}  // namespace fovea
