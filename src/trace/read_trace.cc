// Traces of look-ups go straight into the builder. Questions are gathered first, because they may be shuffled
// across files. So a mixture of both has no defined order, and is refused at the end.
#include "trace/read_trace.h"

#include <format>
#include <utility>
#include <vector>

#include "trace/csv_reader.h"
#include "trace/jsonl_reader.h"
#include "trace/oracle_general_reader.h"
#include "trace/questions.h"
#include "trace/trace_builder.h"

namespace fovea {

namespace {

Result<void> read_source(TraceSource& source, TraceFormat format, TraceBuilder& builder,
                         std::vector<Question>& questions, const Progress& progress) {
  builder.begin_file();
  switch (format) {
    case TraceFormat::csv:
      return read_csv(source, builder, progress);
    case TraceFormat::jsonl:
      return read_jsonl(source, builder, progress);
    case TraceFormat::oracle_general:
      return read_oracle_general(source, builder, progress);
    case TraceFormat::question_document:
      return read_question_document(source, questions);
    case TraceFormat::question_lines:
      return read_question_lines(source, questions);
    case TraceFormat::workload:
      break;
  }
  return fail(Fault::unsupported,
              std::format("{}: a workload stands alone; it cannot be one of several files", source.name()));
}

std::string name_of(std::span<TraceSource> sources) {
  if (sources.size() == 1) return sources.front().name();
  return std::format("{} and {} more", sources.front().name(), sources.size() - 1);
}

}  // namespace

Result<Trace> read_trace(std::span<TraceSource> sources, const ReadOptions& options, const Progress& progress) {
  if (sources.empty()) return fail(Fault::invalid, "no trace given");
  TraceBuilder builder(name_of(sources));
  std::vector<Question> questions;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const auto format = options.format ? Result<TraceFormat>(*options.format) : recognise(sources[i]);
    if (!format) return std::unexpected(format.error());
    const Progress overall = [&](double fraction) {
      report_progress(progress, (static_cast<double>(i) + fraction) / static_cast<double>(sources.size()));
    };
    const auto read = read_source(sources[i], *format, builder, questions, overall);
    if (!read) return std::unexpected(read.error());
  }
  if (options.shuffled && questions.empty())
    return fail(Fault::invalid, "only questions can be shuffled; the look-ups of a recorded trace have their order");
  if (options.shuffled) shuffle(questions, options.seed);
  const auto added = add_questions(questions, options.profile, options.seed, builder);
  if (!added) return std::unexpected(added.error());
  Trace trace = std::move(builder).finish();
  if (trace.lookups.empty()) return fail(Fault::invalid, std::format("{}: holds no look-up", trace.name));
  if (!questions.empty() && trace.lookups.size() != 2 * questions.size())
    return fail(Fault::invalid, "questions cannot stand beside traces of other formats; replay them apart");
  return trace;
}

Result<Trace> read_trace(std::span<const std::string> paths, const ReadOptions& options, const Progress& progress) {
  std::vector<TraceSource> sources;
  for (const std::string& path : paths) {
    auto source = TraceSource::open(path);
    if (!source) return std::unexpected(source.error());
    sources.push_back(std::move(*source));
  }
  return read_trace(sources, options, progress);
}

}  // namespace fovea
