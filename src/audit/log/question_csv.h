// read_question_csv: questions about pictures as comma-separated values, with a header line.
#pragma once

#include "audit/log/log_run.h"
#include "fovea/result.h"

namespace fovea {

// Hands out a request for each row. The header names the columns "picture" (or image, file, filename) and
// "question" (or prompt, text), and may name "time", "client" (or user) and "model", in any order. A picture
// comes before its question. Quoting is as in RFC 4180.
// Faults: invalid (no such header), unavailable.
Result<void> read_question_csv(TraceSource& source, LogRun& run);

// Whether a header line names a picture and a question.
bool is_question_header(std::string_view line);

}  // namespace fovea
