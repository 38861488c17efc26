// The format of each file is recognised unless a flag gives it. A workload is generated, questions get their
// sizes and costs from a model profile, and all other formats are read as they are.
#include "app/load_trace.h"

#include <algorithm>
#include <filesystem>
#include <format>
#include <optional>

#include "app/bundled.h"
#include "profile/profile_file.h"
#include "profile/trace_costs.h"
#include "trace/read_trace.h"
#include "workload/workload.h"

namespace fovea::app {

namespace {

namespace fs = std::filesystem;

std::string names_of_profiles(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) names.push_back(entry.path().stem().string());
  std::ranges::sort(names);
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

Result<ModelProfile> profile_of(const std::string& name) {
  if (name.contains('/') || name.ends_with(".json")) return read_model_profile(name);
  const auto samples = bundled_samples();
  if (!samples) return std::unexpected(samples.error());
  const fs::path file = *samples / "profiles" / (name + ".json");
  if (std::error_code ignored; !fs::exists(file, ignored)) {
    return fail(Fault::not_found, std::format("no model profile '{}': there are {}, or name a file such as ./mine.json",
                                              name, names_of_profiles(*samples / "profiles")));
  }
  return read_model_profile(file.string());
}

bool of_questions(TraceFormat format) {
  return format == TraceFormat::question_document || format == TraceFormat::question_lines;
}

// The format of `source` that the flag names, or else the recognised one. "questions" stands for two formats,
// so there the source is inspected too.
Result<TraceFormat> format_of(const std::string& flag, TraceSource& source) {
  if (flag == "csv") return TraceFormat::csv;
  if (flag == "jsonl") return TraceFormat::jsonl;
  if (flag == "oracleGeneral") return TraceFormat::oracle_general;
  if (flag == "workload") return TraceFormat::workload;
  const auto format = recognise(source);
  if (format && flag == "questions" && !of_questions(*format))
    return fail(Fault::invalid, std::format("{}: has no questions", source.name()));
  return format;
}

Result<Trace> generated(TraceSource& source, const TraceFlags& flags) {
  if (flags.order == "shuffle")
    return fail(Fault::invalid, "only questions can be shuffled; --seed changes a workload");
  const auto workload = read_workload(source);
  if (!workload) return std::unexpected(workload.error());
  return generate_trace(*workload, flags.seed);
}

// The trace with the costs that it has, or that `model` gives its questions.
Result<Trace> read_or_generate(const TraceFlags& flags, const ModelTimes* model, const Progress& progress) {
  std::vector<TraceSource> sources;
  std::optional<TraceFormat> format;
  bool any_questions = false;
  for (const std::string& file : flags.files) {
    auto source = TraceSource::open(file);
    if (!source) return std::unexpected(source.error());
    sources.push_back(std::move(*source));
    const auto found = format_of(flags.format, sources.back());
    if (!found) return std::unexpected(found.error());
    if (*found == TraceFormat::workload && flags.files.size() == 1) return generated(sources.back(), flags);
    any_questions = any_questions || of_questions(*found);
    if (flags.format != "auto" && flags.format != "questions") format = *found;
  }
  ReadOptions options{.format = format, .shuffled = flags.order == "shuffle", .seed = flags.seed};
  if (any_questions && model != nullptr) {
    options.profile = model_profile_of(*model);
  } else if (any_questions) {
    auto profile = profile_of(flags.model_profile);
    if (!profile) return std::unexpected(profile.error());
    options.profile = std::move(*profile);
  }
  return read_trace(sources, options, progress);
}

}  // namespace

Result<Trace> load_trace(const TraceFlags& flags, const Progress& progress) {
  if (flags.profile.empty()) return read_or_generate(flags, nullptr, progress);
  const auto profile = read_profile(flags.profile);
  if (!profile) return fail(profile.error().fault, "--profile: " + profile.error().message);
  const ModelTimes& model = profile->models.front();
  auto trace = read_or_generate(flags, &model, progress);
  if (trace) set_costs(*trace, model);
  return trace;
}

}  // namespace fovea::app
