// All flags are checked here, before a model is loaded or a request is sent, and each refusal names its
// flag.
#include "app/bench_setup.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <glaze/glaze.hpp>
#include <ranges>
#include <set>

#include "app/bundled.h"
#include "app/read_source.h"
#include "bench/pipeline_target.h"
#include "bench/url_target.h"
#include "trace/questions.h"
#include "trace/trace_format.h"

namespace fovea::app {

// The part of samples/questions.json that is used here.
struct SampleQuestion {
  std::string question;
};
struct QuestionSample {
  std::vector<SampleQuestion> questions;
};
struct QuestionSamples {
  std::vector<QuestionSample> samples;
};

namespace {

namespace fs = std::filesystem;

constexpr std::size_t questions_max = 100'000;  // of the pool: more than any scenario uses
constexpr const char* levels_default = "none,response,embedding,both,all";

struct LenientJson : glz::opts {};
constexpr LenientJson lenient_json{{glz::opts{.error_on_unknown_keys = false}}};

std::vector<std::string> parts_of(const std::string& list) {
  std::vector<std::string> parts;
  for (const auto part : std::views::split(list, ',')) parts.emplace_back(part.begin(), part.end());
  return parts;
}

Result<std::string> scenario_file(const std::string& name) {
  if (name.contains('/') || name.ends_with(".json")) return name;
  const auto samples = bundled_samples();
  if (!samples) return std::unexpected(samples.error());
  const fs::path folder = *samples / "scenarios";
  if (std::error_code ignored; fs::exists(folder / (name + ".json"), ignored))
    return (folder / (name + ".json")).string();
  std::set<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) names.insert(entry.path().stem().string());
  std::string list;
  for (const std::string& known : names) list += (list.empty() ? "" : ", ") + known;
  return fail(Fault::not_found,
              std::format("no scenario '{}': there are {}, or name a file such as ./mine.json", name, list));
}

Result<void> resize(Scenario& scenario, const std::string& size) {
  const auto sides = std::from_chars(size.data(), size.data() + size.size(), scenario.width);
  const auto* end = size.data() + size.size();
  if (sides.ec == std::errc() && sides.ptr != end && *sides.ptr == 'x') {
    const auto second = std::from_chars(sides.ptr + 1, end, scenario.height);
    if (second.ec == std::errc() && second.ptr == end) return {};
  }
  return fail(Fault::invalid, std::format("--size: '{}' is not a size; write 512x512, for example", size));
}

Result<Scenario> scenario_of(const std::string& name, const BenchFlags& flags) {
  const auto file = scenario_file(name);
  if (!file) return std::unexpected(file.error());
  auto scenario = read_scenario(*file);
  if (!scenario) return scenario;
  if (flags.requests > 0) scenario->workload.requests = flags.requests;
  if (flags.max_tokens > 0) scenario->max_tokens = flags.max_tokens;
  if (!flags.size.empty()) {
    if (auto resized = resize(*scenario, flags.size); !resized) return std::unexpected(resized.error());
  }
  if (!flags.pictures.empty()) {
    if (scenario->moving)
      return fail(Fault::invalid,
                  std::format("--pictures: scenario {} needs pictures that change, which only drawn ones do", name));
    scenario->control_every = 0;  // a folder has no pictures to spare for controls
  }
  if (const char* wrong = complaint_about(*scenario)) return fail(Fault::invalid, std::format("{}: {}", *file, wrong));
  return scenario;
}

Result<std::vector<std::string>> sample_questions() {
  const auto samples = bundled_samples();
  if (!samples) return std::unexpected(samples.error());
  const auto text = read_source((*samples / "questions.json").string());
  if (!text) return std::unexpected(text.error());
  QuestionSamples found;
  const std::string document(text->text());
  if (const auto error = glz::read<lenient_json>(found, document))
    return fail(Fault::corrupt, std::format("questions.json: {}", glz::format_error(error, document)));
  std::vector<std::string> questions;
  for (const QuestionSample& sample : found.samples) {
    for (const SampleQuestion& asked : sample.questions) questions.push_back(asked.question);
  }
  return questions;
}

Result<std::vector<std::string>> questions_in(const std::string& file) {
  auto source = TraceSource::open(file);
  if (!source) return std::unexpected(source.error());
  const auto format = recognise(*source);
  if (!format) return std::unexpected(format.error());
  std::vector<Question> found;
  Result<void> read = fail(Fault::invalid, std::format("--questions: {} holds no questions", file));
  if (*format == TraceFormat::question_document) read = read_question_document(*source, found);
  if (*format == TraceFormat::question_lines) read = read_question_lines(*source, found);
  if (!read) return std::unexpected(read.error());
  std::vector<std::string> texts;
  for (Question& question : found) texts.push_back(std::move(question.text));
  return texts;
}

Result<BenchedTarget> url_target(const std::string& flag, const BenchFlags& flags) {
  const std::size_t equals = flag.find('=');
  if (equals == std::string::npos || equals == 0)
    return fail(Fault::invalid,
                std::format("--url: '{}' has no name; write fovea=http://localhost:8080/v1, for example", flag));
  const char* key = flags.url_key_env.empty() ? nullptr : std::getenv(flags.url_key_env.c_str());
  if (!flags.url_key_env.empty() && key == nullptr)
    return fail(Fault::invalid, std::format("--url-key-env: there is no variable {}", flags.url_key_env));
  auto target = UrlTarget::open(flag.substr(0, equals),
                                {.url = flag.substr(equals + 1), .key = key != nullptr ? key : ""}, flags.url_model);
  if (!target) return fail(target.error().fault, "--url: " + target.error().message);
  return BenchedTarget{.target = std::move(*target)};
}

// Whether the policy behind these levels, or `otherwise` without one, needs attention summaries.
bool needs_attention(const std::string& levels, PolicyKind otherwise) {
  const std::size_t colon = levels.find(':');
  if (colon == std::string::npos) return levels != "none" && goes_by_importance(otherwise);
  const auto policy = policy_kind_of(std::string_view(levels).substr(colon + 1));
  return policy && goes_by_importance(*policy);
}

}  // namespace

Result<std::vector<Scenario>> scenarios_of(const BenchFlags& flags) {
  std::vector<Scenario> scenarios;
  for (const std::string& name : flags.scenarios) {
    auto scenario = scenario_of(name, flags);
    if (!scenario) return std::unexpected(scenario.error());
    scenarios.push_back(std::move(*scenario));
  }
  return scenarios;
}

Result<std::vector<std::uint64_t>> seeds_of(const BenchFlags& flags) {
  std::vector<std::uint64_t> seeds;
  for (const std::string& part : parts_of(flags.seeds)) {
    std::uint64_t seed = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), seed);
    if (error != std::errc() || end != part.data() + part.size() || std::ranges::contains(seeds, seed))
      return fail(
          Fault::invalid,
          std::format("--seeds: '{}' is not a list of different numbers; write 42,123,456, for example", flags.seeds));
    seeds.push_back(seed);
  }
  if (seeds.empty()) return fail(Fault::invalid, "--seeds: name at least one");
  return seeds;
}

Result<std::vector<std::string>> questions_of(const BenchFlags& flags) {
  auto texts = flags.questions.empty() ? sample_questions() : questions_in(flags.questions);
  if (!texts) return texts;
  std::vector<std::string> pool;
  std::set<std::string> known;
  for (std::string& text : *texts) {
    if (pool.size() < questions_max && known.insert(text).second) pool.push_back(std::move(text));
  }
  if (pool.empty()) return fail(Fault::invalid, std::format("--questions: {} has no questions", flags.questions));
  return pool;
}

Result<std::vector<BenchedTarget>> targets_of(const BenchFlags& flags, std::unique_ptr<VisionLanguageEngine>& engine) {
  std::vector<BenchedTarget> targets;
  const auto options = pipeline_options(flags.cache);
  if (!options) return std::unexpected(options.error());
  const std::string levels = flags.levels.empty() && flags.urls.empty() ? levels_default : flags.levels;
  const auto names_of_levels = levels.empty() ? std::vector<std::string>() : parts_of(levels);
  for (const std::string& name : names_of_levels) {
    if (!engine) {
      ModelFlags model = flags.model;
      if (std::ranges::any_of(names_of_levels,
                              [&](const auto& each) { return needs_attention(each, options->policy); }))
        model.attention_layers = "all";
      auto opened = open_engine(model);
      if (!opened) return std::unexpected(opened.error());
      engine = std::move(*opened);
    }
    auto target = PipelineTarget::open(name, *engine, *options);
    if (!target) return fail(target.error().fault, "--levels: " + target.error().message);
    targets.push_back({.target = std::move(*target), .every = name == "none" ? flags.baseline_every : 1});
  }
  for (const std::string& url : flags.urls) {
    auto target = url_target(url, flags);
    if (!target) return std::unexpected(target.error());
    targets.push_back(std::move(*target));
  }
  std::set<std::string> names;
  for (const BenchedTarget& benched : targets) {
    if (!names.insert(benched.target->name()).second)
      return fail(Fault::invalid,
                  std::format("two targets are called '{}': give one another name", benched.target->name()));
  }
  return targets;
}

Result<std::uint32_t> image_tokens(VisionLanguageEngine& engine, std::uint32_t width, std::uint32_t height) {
  const ImageSize size{width, height};
  const auto layout = engine.lay_out(Prompt{{ImageSlot{0}, "?"}}, std::span(&size, 1));
  if (!layout) return std::unexpected(layout.error());
  const auto items = (*layout)->items();
  std::uint32_t tokens = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].tile) tokens += (*layout)->tokens(i + 1) - (*layout)->tokens(i);
  }
  return tokens;
}

}  // namespace fovea::app
