// fovea demo: a scripted sitting with the bundled model over the bundled pictures. It shows what each level is for,
// and checks itself: the answers against the known ones, the levels against what the script expects of them, and every
// answer made from stored embeddings against one computed from nothing, token by token and logit by logit.
#include <cstdio>
#include <format>
#include <glaze/glaze.hpp>
#include <memory>
#include <print>
#include <string>
#include <vector>

#include "app/bundled.h"
#include "app/flags/model_flags.h"
#include "app/output/report_text.h"
#include "app/read_source.h"
#include "app/verbs.h"
#include "base/units.h"
#include "pipeline/pipeline.h"

namespace fovea::app {

// One step of samples/sitting.json.
struct Step {
  std::string title;
  std::vector<std::string> pictures;
  std::string system;
  std::string question;
  std::string answer;     // what the picture shows
  std::string response;   // the level's expected outcome: "hit" or "miss"
  std::string prefix;     // likewise, or "bypass" where the response level answered
  std::string embedding;  // likewise, or "bypass" where another level answered
};

namespace {

Result<std::vector<Step>> read_script(const std::filesystem::path& samples) {
  const auto text = read_source((samples / "sitting.json").string());
  if (!text) return std::unexpected(text.error());
  std::vector<Step> steps;
  if (const auto error = glz::read_json(steps, text->text())) {
    return fail(Fault::corrupt, std::format("sitting.json: {}", glz::format_error(error, text->text())));
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
  Key trace;  // of every generated token and the logits it was chosen from
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

// One line about one check; counts what failed.
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

Result<void> show_step(const Step& step, int number, const std::filesystem::path& samples, Pipeline& pipeline,
                       Checks& checks, Totals& totals) {
  auto request = request_of(step, samples);
  if (!request) return std::unexpected(request.error());
  auto traced = ask(pipeline, *request);
  if (!traced) return std::unexpected(traced.error());
  const Answer& answer = traced->answer;
  const RequestReport& report = answer.report;
  std::string pictures;
  for (const std::string& name : step.pictures) pictures += (pictures.empty() ? "" : ", ") + name;
  std::println("{}. {}  [{}]{}", number, step.title, pictures,
               step.system.empty() ? "" : std::format("  system: \"{}\"", step.system));
  std::println("     {}  ->  {}", step.question, answer.text);
  std::println("     {}\n     {}", summary_line(report), stages_line(report.times));

  checks.expect(answer.text == step.answer, std::format("the answer should be \"{}\"", step.answer));
  checks.expect(to_string(report.response) == step.response,
                std::format("the response level should say {}", step.response));
  checks.expect(to_string(report.prefix) == step.prefix, std::format("the prefix level should say {}", step.prefix));
  checks.expect(to_string(report.embedding) == step.embedding,
                std::format("the embedding level should say {}", step.embedding));
  totals.spent_ms += report.times.total_ms;
  totals.saved_ms += report.saved_ms;
  if (report.embedding == Outcome::hit || report.prefix == Outcome::hit) {
    request->cache = {.read = false, .write = false};
    const auto cold = ask(pipeline, *request);
    if (!cold) return std::unexpected(cold.error());
    const bool same = cold->trace == traced->trace && cold->answer.text == answer.text;
    std::println("     computed again without any cache: {} - every token and logit {}",
                 format_ms(cold->answer.report.times.total_ms), same ? "identical" : "NOT identical");
    checks.expect(same, "an embedding or a prefix hit must be bit-identical to a miss");
    ++totals.compared;
  }
  std::println();
  return {};
}

Result<int> run() {
  const auto samples = bundled_samples();
  if (!samples) return std::unexpected(samples.error());
  const auto steps = read_script(*samples);
  if (!steps) return std::unexpected(steps.error());
  auto engine = open_engine({});
  if (!engine) return std::unexpected(engine.error());
  Pipeline pipeline(**engine, {});

  std::println("A sitting with the bundled model. Every picture is looked at once; every later look is found.\n");
  Checks checks;
  Totals totals;
  int number = 0;
  for (const Step& step : *steps) {
    if (auto shown = show_step(step, ++number, *samples, pipeline, checks, totals); !shown)
      return std::unexpected(shown.error());
  }
  const PipelineStats stats = pipeline.stats();
  std::println("{} questions in {}; {} of compute saved, {:.0f} % of what they would have taken.", steps->size(),
               format_ms(totals.spent_ms), format_ms(totals.saved_ms),
               100 * totals.saved_ms / (totals.spent_ms + totals.saved_ms));
  std::println("Held in memory: {} of embeddings ({} tiles), {} of prefixes ({}), {} of answers ({}).",
               format_bytes(stats.embedding.bytes), stats.embedding.entries, format_bytes(stats.prefix.bytes),
               stats.prefix.entries, format_bytes(stats.response.bytes), stats.response.entries);
  if (checks.failed() == 0) {
    std::println(
        "All answers are the known ones; {} answers from stored embeddings or prefixes were bit-identical to uncached "
        "ones.",
        totals.compared);
    return 0;
  }
  std::println("{} checks FAILED.", checks.failed());
  return 1;
}

}  // namespace

void add_demo(CLI::App& app, int& exit_code) {
  CLI::App& demo = *app.add_subcommand("demo", "Watch the cache at work on the bundled pictures");
  demo.footer("Exit codes: 0 every check held, 1 one did not or something is missing.");
  demo.callback([&exit_code] {
    const auto done = run();
    exit_code = done.value_or(1);
    if (!done) std::println(stderr, "fovea: {}", done.error().message);
  });
}

}  // namespace fovea::app
