// fovea demo: a script of requests to the bundled model about the bundled pictures (samples/demo.json).
//
// It shows the use of each level, and it checks itself: the answers against known ones, the outcome of each
// level against the script, and each answer that used a cached embedding or prefix against the same request
// without a cache, token by token and logit by logit.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <format>
#include <glaze/glaze.hpp>
#include <memory>
#include <optional>
#include <print>
#include <string>
#include <utility>
#include <vector>

#include "app/bundled.h"
#include "app/flags/model_flags.h"
#include "app/output/report_text.h"
#include "app/read_source.h"
#include "app/verbs.h"
#include "base/scratch_folder.h"
#include "base/units.h"
#include "pipeline/pipeline.h"
#include "tier/open/open_tiers.h"

namespace fovea::app {

// One step of samples/demo.json.
struct Step {
  std::string title;
  bool restart = false;  // nothing but the disk is left of the steps before
  std::vector<std::string> pictures;
  std::string system;
  std::string question;
  std::string answer;     // the right one
  std::string response;   // the expected outcome of the level: "hit" or "miss"
  std::string prefix;     // the same, or "bypass" where the response level answered
  std::string embedding;  // the same, or "bypass" where another level answered
};

namespace {

Result<std::vector<Step>> read_script(const std::filesystem::path& samples) {
  const auto text = read_source((samples / "demo.json").string());
  if (!text) return std::unexpected(text.error());
  std::vector<Step> steps;
  if (const auto error = glz::read_json(steps, text->text())) {
    return fail(Fault::corrupt, std::format("demo.json: {}", glz::format_error(error, text->text())));
  }
  return steps;
}

Result<Request> request_of(const Step& step, const std::filesystem::path& samples) {
  Request request;
  if (!step.system.empty()) request.messages.push_back({"system", {step.system}});
  Message user{"user", {}};
  for (const std::string& name : step.pictures) {
    auto bytes = read_source((samples / name).string());
    if (!bytes) return std::unexpected(bytes.error());
    user.parts.emplace_back(ImageSlot{request.sources.size()});
    request.sources.push_back({std::move(*bytes), name});
  }
  user.parts.emplace_back(step.question);
  request.messages.push_back(std::move(user));
  return request;
}

struct Traced {
  Answer answer;
  Key trace;  // a hash of all generated tokens and their logits
};

Result<Traced> ask(Pipeline& pipeline, const Request& request) {
  KeyBuilder trace("fovea/demo-trace/1");
  Listener listener;
  listener.on_token = [&](const Token& token, std::string_view) {
    trace.field(token.id).field(std::as_bytes(token.logits));
  };
  auto answer = pipeline.answer(request, listener);
  if (!answer) return std::unexpected(answer.error());
  return Traced{std::move(*answer), trace.finish()};
}

// Prints each check that fails, and counts them.
class Checks {
 public:
  void expect(bool holds, const std::string& what) {
    if (holds) return;
    ++failed_;
    std::println("     FAILED: {}", what);
  }
  int failed() const { return failed_; }

 private:
  int failed_ = 0;
};

struct Totals {
  double spent_ms = 0;
  double saved_ms = 0;
  int compared = 0;
};

void print_step(const Step& step, int number, const Answer& answer) {
  std::string pictures;
  for (const std::string& name : step.pictures) pictures += (pictures.empty() ? "" : ", ") + name;
  std::println("{}. {}  [{}]{}", number, step.title, pictures,
               step.system.empty() ? "" : std::format("  system: \"{}\"", step.system));
  std::println("     {}  ->  {}", step.question, answer.text);
  std::println("     {}\n     {}", summary_line(answer.report), stages_line(answer.report.times));
}

void check_step(const Step& step, const Answer& answer, Checks& checks) {
  const RequestReport& report = answer.report;
  checks.expect(answer.text == step.answer, std::format("the answer should be \"{}\"", step.answer));
  checks.expect(to_string(report.response) == step.response,
                std::format("the response level should say {}", step.response));
  checks.expect(to_string(report.prefix) == step.prefix, std::format("the prefix level should say {}", step.prefix));
  checks.expect(to_string(report.embedding) == step.embedding,
                std::format("the embedding level should say {}", step.embedding));
}

// Sends a request again without a cache, and checks that the answer is the same to the bit.
Result<void> compare_with_uncached(Request request, const Traced& cached, Pipeline& pipeline, Checks& checks) {
  request.cache = {.read = false, .write = false};
  const auto cold = ask(pipeline, request);
  if (!cold) return std::unexpected(cold.error());
  const bool same = cold->trace == cached.trace && cold->answer.text == cached.answer.text;
  std::println("     the same without a cache: {} - every token and logit {}",
               format_ms(cold->answer.report.times.total_ms), same ? "identical" : "NOT identical");
  checks.expect(same, "an embedding hit or a prefix hit must be bit-identical to a miss");
  return {};
}

Result<void> run_step(const Step& step, int number, const std::filesystem::path& samples, Pipeline& pipeline,
                      Checks& checks, Totals& totals) {
  auto request = request_of(step, samples);
  if (!request) return std::unexpected(request.error());
  const auto traced = ask(pipeline, *request);
  if (!traced) return std::unexpected(traced.error());
  print_step(step, number, traced->answer);
  check_step(step, traced->answer, checks);
  const RequestReport& report = traced->answer.report;
  totals.spent_ms += report.times.total_ms;
  totals.saved_ms += report.saved_ms;
  if (report.embedding == Outcome::hit || report.prefix == Outcome::hit) {
    if (auto compared = compare_with_uncached(std::move(*request), *traced, pipeline, checks); !compared)
      return compared;
    ++totals.compared;
  }
  std::println();
  return {};
}

// A pipeline whose tiers are on a disk, as two runs of the program have it.
class Instance {
 public:
  Instance(VisionLanguageEngine& engine, std::filesystem::path disk) : engine_(engine), disk_(std::move(disk)) {}

  // Faults: unavailable.
  Result<void> start() {
    auto tiers = OpenTiers::open({.disk_cache = disk_.string(), .disk_size = "1GiB"},
                                 [](std::string_view told) { std::println(stderr, "fovea: {}", told); });
    if (!tiers) return std::unexpected(tiers.error());
    tiers_.emplace(std::move(*tiers));
    pipeline_.emplace(engine_, PipelineOptions{.tiers = tiers_->tiers()});
    return {};
  }
  Result<void> restart() {
    pipeline_.reset();
    tiers_.reset();
    engine_.purge_idle();
    return start();
  }
  Pipeline& pipeline() { return *pipeline_; }

 private:
  VisionLanguageEngine& engine_;
  const std::filesystem::path disk_;
  std::optional<OpenTiers> tiers_;
  std::optional<Pipeline> pipeline_;  // goes before its tiers
};

Result<int> run() {
  const auto samples = bundled_samples();
  if (!samples) return std::unexpected(samples.error());
  const auto steps = read_script(*samples);
  if (!steps) return std::unexpected(steps.error());
  auto engine = open_engine({});
  if (!engine) return std::unexpected(engine.error());
  const auto disk = ScratchFolder::make("fovea-demo");
  if (!disk) return std::unexpected(disk.error());
  Instance instance(**engine, disk->path());
  if (auto started = instance.start(); !started) return std::unexpected(started.error());

  std::println(
      "A demonstration over the bundled pictures with the bundled model. Each picture is encoded once; later requests\n"
      "about it use what is cached.\n");
  Checks checks;
  Totals totals;
  int number = 0;
  for (const Step& step : *steps) {
    if (step.restart) {
      if (auto restarted = instance.restart(); !restarted) return std::unexpected(restarted.error());
    }
    if (auto done = run_step(step, ++number, *samples, instance.pipeline(), checks, totals); !done)
      return std::unexpected(done.error());
  }
  const PipelineStats stats = instance.pipeline().stats();
  std::println("{} requests took {}. The cache saved {} of compute: {:.0f} % of the time without it.", steps->size(),
               format_ms(totals.spent_ms), format_ms(totals.saved_ms),
               100 * totals.saved_ms / (totals.spent_ms + totals.saved_ms));
  std::println("In memory now: {} of embeddings ({} tiles), {} of prefixes ({}), {} of answers ({}).",
               format_bytes(stats.embedding.bytes), stats.embedding.entries, format_bytes(stats.prefix.bytes),
               stats.prefix.entries, format_bytes(stats.response.bytes), stats.response.entries);
  if (checks.failed() == 0) {
    std::println(
        "All answers are right. The {} answers that used cached embeddings or prefixes are bit-identical to answers "
        "without a cache.",
        totals.compared);
    return 0;
  }
  std::println("{} checks FAILED.", checks.failed());
  return 1;
}

}  // namespace

void add_demo(CLI::App& app, int& exit_code) {
  CLI::App& demo = *app.add_subcommand("demo", "Show the cache at work on the bundled pictures");
  demo.footer(
      "Sends a short script of requests to the bundled model. After each answer it prints the outcome of each level\n"
      "and where the time went. It checks every answer, and compares answers that used a cache with answers that did\n"
      "not.\n\n"
      "  fovea demo\n\n"
      "Exit codes: 0 every check passed, 1 a check failed or a file is missing.");
  demo.callback([&exit_code] {
    const auto done = run();
    exit_code = done.value_or(1);
    if (!done) std::println(stderr, "fovea: {}", done.error().message);
  });
}

}  // namespace fovea::app
