// read_question_file: the questions of a public data set, as `fovea replay` reads them (trace/questions.h).
#pragma once

#include "audit/log/log_run.h"
#include "fovea/result.h"

namespace fovea {

// Hands out a request for each question: the picture by its name, then the text. Such files have no times.
// Faults: those of read_question_document and read_question_lines.
Result<void> read_question_file(TraceSource& source, LogRun& run);

}  // namespace fovea
