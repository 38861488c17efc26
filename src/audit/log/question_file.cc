#include "audit/log/question_file.h"

#include <vector>

#include "trace/questions.h"
#include "trace/trace_format.h"

namespace fovea {

Result<void> read_question_file(TraceSource& source, LogRun& run) {
  const auto format = recognise(source);
  if (!format) return std::unexpected(format.error());
  std::vector<Question> questions;
  const auto read = *format == TraceFormat::question_document ? read_question_document(source, questions)
                                                              : read_question_lines(source, questions);
  if (!read) return read;
  std::size_t done = 0;
  for (const auto& [image, text] : questions) {
    AuditedRequest& request = run.fresh();
    request.deterministic = true;
    run.pictures().add(image, PictureDetail::none, {}, request);
    add_text(text, {}, request);
    run.hand_out();
    run.report(static_cast<double>(++done) / static_cast<double>(questions.size()));
  }
  return {};
}

}  // namespace fovea
