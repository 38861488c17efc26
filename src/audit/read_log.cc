// Files are read one after another by one LogRun, so that what is known of pictures and the counts are of all
// of them. A log is never read twice, since it may be a pipe.
#include "audit/read_log.h"

#include <algorithm>
#include <filesystem>
#include <format>
#include <vector>

#include "audit/log/json_log.h"
#include "audit/log/log_format.h"
#include "audit/log/log_run.h"
#include "audit/log/question_csv.h"
#include "audit/log/question_file.h"
#include "audit/log/vllm_log.h"

namespace fovea {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t files_max = 100'000;

Result<void> read_source(TraceSource& source, LogFormat format, LogRun& run) {
  switch (format) {
    case LogFormat::vllm:
      return read_vllm_log(source, run);
    case LogFormat::csv:
      return read_question_csv(source, run);
    case LogFormat::questions:
      return read_question_file(source, run);
    default:
      return read_json_log(source, format, run);
  }
}

// Why nothing was read of `name`.
std::unexpected<Error> no_request(const std::string& name, const LogSummary& summary) {
  if (summary.bad_entries > 0)
    return fail(Fault::invalid, std::format("{}: no request could be read as {}; the first: {}", name,
                                            to_string(summary.format), summary.first_bad));
  if (summary.format == LogFormat::vllm && summary.other_entries > 0)
    return fail(Fault::invalid, std::format("{}: vLLM logs prompts only with --enable-log-requests and "
                                            "VLLM_LOGGING_LEVEL=DEBUG; this log has {} requests without them",
                                            name, summary.other_entries));
  return fail(Fault::invalid, std::format("{}: no request in it, read as {}", name, to_string(summary.format)));
}

// The files of a folder with this ending, by name.
Result<std::vector<fs::path>> files_in(const fs::path& folder, std::string_view ending) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() == ending && at->is_regular_file(error)) files.push_back(at->path());
    if (files.size() > files_max)
      return fail(Fault::too_large, std::format("{}: more than {} files", folder.string(), files_max));
  }
  if (error) return fail(Fault::unavailable, std::format("{}: {}", folder.string(), error.message()));
  std::ranges::sort(files);
  return files;
}

// What is to be read of a folder.
Result<std::vector<fs::path>> logs_of(const fs::path& folder) {
  auto tables = files_in(folder, ".csv");
  if (!tables || tables->size() == 1) return tables;
  if (tables->size() > 1)
    return fail(Fault::invalid, std::format("{}: has {} CSV files; name one, with --pictures {}", folder.string(),
                                            tables->size(), folder.string()));
  auto logs = files_in(folder, ".jsonl");
  if (logs && logs->empty())
    return fail(Fault::invalid, std::format("{}: a folder is read if it has pictures and a CSV file of questions, or "
                                            ".jsonl files",
                                            folder.string()));
  return logs;
}

}  // namespace

Result<LogSummary> read_log(std::span<TraceSource> sources, const LogOptions& options, const EachRequest& each,
                            const Progress& progress) {
  if (sources.empty()) return fail(Fault::invalid, "no log is named");
  std::size_t done = 0;
  const Progress of_all = [&](double fraction) {
    report_progress(progress, (static_cast<double>(done) + fraction) / static_cast<double>(sources.size()));
  };
  LogRun run(options, each, of_all);
  std::optional<LogFormat> format = options.format;
  for (TraceSource& source : sources) {
    if (!format) {
      const auto recognised = recognise_log(source);
      if (!recognised) return std::unexpected(recognised.error());
      format = *recognised;
    }
    run.summary().format = *format;
    if (auto read = read_source(source, *format, run); !read) return std::unexpected(read.error());
    run.summary().bytes += source.bytes_read();
    ++done;
  }
  LogSummary summary = run.finished();
  if (summary.requests == 0) return no_request(sources.front().name(), summary);
  return summary;
}

Result<LogSummary> read_log(const std::string& path, const LogOptions& options, const EachRequest& each,
                            const Progress& progress) {
  LogOptions of_log = options;
  std::vector<fs::path> paths{path};
  std::error_code error;
  if (path != "-" && fs::is_directory(path, error)) {
    auto logs = logs_of(path);
    if (!logs) return std::unexpected(logs.error());
    paths = std::move(*logs);
    if (of_log.pictures.empty() && paths.front().extension() == ".csv") of_log.pictures = path;
  }
  std::vector<TraceSource> sources;
  for (const fs::path& file : paths) {
    auto source = TraceSource::open(file.string());
    if (!source) return std::unexpected(source.error());
    sources.push_back(std::move(*source));
  }
  return read_log(sources, of_log, each, progress);
}

}  // namespace fovea
