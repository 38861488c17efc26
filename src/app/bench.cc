// fovea bench: sends the requests of scenarios to pipelines with different levels, or to servers, and reports
// the times.
//
// A run (one scenario, one seed) is one file of raw results, named after all that changes what is measured. A
// run whose file is complete is not repeated. The report is made from the files alone.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <memory>
#include <optional>
#include <print>
#include <set>

#include "app/bench_pressure.h"
#include "app/bench_setup.h"
#include "app/flags/bench_flags.h"
#include "app/machine.h"
#include "app/output/bench_json.h"
#include "app/output/bench_report.h"
#include "app/output/bench_text.h"
#include "app/terminal/interrupts.h"
#include "app/terminal/progress_bar.h"
#include "app/verbs.h"
#include "base/clock.h"
#include "base/scratch_folder.h"
#include "bench/finished_runs.h"
#include "fovea/key.h"
#include "fovea/version.h"
#include "workload/arrivals.h"

namespace fovea::app {

namespace {

namespace fs = std::filesystem;

std::string now_text() {
  return std::format("{:%FT%TZ}", std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
}

constexpr std::string_view in_turns = "one after another, in turns";

std::string load_of(const BenchFlags& flags) {
  if (!flags.arrivals.empty()) return "open, recorded arrivals";
  if (flags.rate > 0) return std::format("open, {} requests/s", flags.rate);
  return flags.clients == 1 ? std::string(in_turns) : std::format("{} clients", flags.clients);
}

// Settings that change the numbers and are in no other field of a run's head. Only the last part of a path is
// named: a report is for others too.
std::string settings_of(const BenchFlags& flags, const VisionLanguageEngine* engine) {
  const auto name = [](const std::string& path) { return fs::path(path).filename().string(); };
  std::string text = std::format("{} passes", flags.passes);
  const auto add = [&](const char* what, const std::string& value) {
    if (!value.empty()) text += std::format(", {} {}", what, value);
  };
  add("questions", name(flags.questions));
  add("arrivals", name(flags.arrivals));
  add("model", flags.url_model);
  if (engine == nullptr) return text;
  const ModelFlags& model = flags.model;
  add("weights", engine->text_fingerprint().hex().substr(0, 8) + engine->vision_fingerprint().hex().substr(0, 8));
  if (model.threads > 0) add("threads", std::to_string(model.threads));
  if (model.ctx_size > 0) add("context", std::to_string(model.ctx_size));
  if (model.gpu_layers >= 0) add("GPU layers", std::to_string(model.gpu_layers));
  if (engine->has_attention()) text += ", attention watched";
  return text;
}

BenchHead head_of(const BenchFlags& flags, const Scenario& scenario, std::uint64_t seed,
                  const std::vector<BenchedTarget>& targets, const VisionLanguageEngine* engine,
                  const std::string& command) {
  BenchHead head{.scenario = scenario, .seed = seed, .targets = {}, .load = load_of(flags)};
  for (const BenchedTarget& benched : targets)
    head.targets.push_back({benched.target->name(), benched.target->about(), benched.every});
  if (engine != nullptr)
    head.model = flags.model.model.empty() ? "bundled" : fs::path(flags.model.model).stem().string();
  head.pictures = flags.pictures.empty() ? "drawn" : fs::path(flags.pictures).filename().string();
  head.settings = settings_of(flags, engine);
  head.machine = machine_line();
  head.command = command;
  head.note = std::format("Fovea {}{}{}", FOVEA_VERSION, flags.note.empty() ? "" : ", ", flags.note);
  head.started = now_text();
  return head;
}

// The name of a run's file. All that changes what is measured changes the name.
std::string file_name(BenchHead head, const BenchFlags& flags) {
  head.machine = head.command = head.note = head.started = "";
  KeyBuilder key("fovea/bench-run/1");
  key.field(to_json(head));
  for (const std::string& path : {flags.pictures, flags.questions, flags.arrivals}) key.field(path);
  return std::format("{}-{}-{}.jsonl", head.scenario.workload.name, head.seed, key.finish().hex().substr(0, 8));
}

Result<std::vector<double>> arrivals_of(const BenchFlags& flags, std::size_t requests, std::uint64_t seed) {
  if (!flags.arrivals.empty()) return read_arrivals(flags.arrivals);
  if (flags.rate > 0) return poisson_arrivals(flags.rate, requests, seed);
  return std::vector<double>();
}

Result<void> run_command(const std::string& command) {
  if (command.empty()) return {};
  // NOLINTNEXTLINE(bugprone-command-processor): the command is what the caller typed, for a shell
  const int status = std::system(command.c_str());
  if (status == 0) return {};
  return fail(Fault::unavailable, std::format("--restart-command ended with status {}: {}", status, command));
}

// Refuses a scenario with a restart where nothing would be restarted: its report would be wrong.
Result<void> check_restart(const BenchFlags& flags, const Scenario& scenario) {
  if (scenario.restart_after <= 0) return {};
  const std::string& name = scenario.workload.name;
  if (load_of(flags) != in_turns)
    return fail(Fault::invalid,
                std::format("scenario {} restarts its targets: leave out --clients, --rate and --arrivals", name));
  if (!flags.urls.empty() && flags.restart_command.empty())
    return fail(Fault::invalid,
                std::format("scenario {} restarts its targets: give the command for it with --restart-command", name));
  return {};
}

Result<PictureSet> picture_set_of(const BenchFlags& flags, const Scenario& scenario, std::uint64_t seed) {
  PictureKind kind = PictureKind::scene;
  if (scenario.pictures == "screen") kind = PictureKind::screen;
  if (scenario.pictures == "frame") kind = PictureKind::frame;
  if (!flags.pictures.empty()) kind = PictureKind::file;
  return PictureSet::open(
      {.kind = kind, .seed = seed, .width = scenario.width, .height = scenario.height, .folder = flags.pictures});
}

class Bench {
 public:
  Bench(const BenchFlags& flags, std::string command) : flags_(flags), command_(std::move(command)) {}

  // Does the runs that the report in `folder` does not have yet.
  Result<void> run(const std::vector<Scenario>& scenarios, const std::vector<std::uint64_t>& seeds,
                   const fs::path& folder) {
    const auto questions = questions_of(flags_);
    if (!questions) return std::unexpected(questions.error());
    auto finished = finished_run_names(folder);
    if (!finished) return std::unexpected(finished.error());
    finished_ = std::move(*finished);
    for (const Scenario& scenario : scenarios) {
      for (const std::uint64_t seed : seeds) {
        if (auto done = run_one(scenario, seed, *questions, raw_folder(folder)); !done) return done;
      }
    }
    return {};
  }

 private:
  Result<void> run_one(const Scenario& scenario, std::uint64_t seed, const std::vector<std::string>& questions,
                       const fs::path& raw) {
    auto targets = targets_of(flags_, engine_);
    if (!targets) return std::unexpected(targets.error());
    BenchHead head = head_of(flags_, scenario, seed, *targets, engine_.get(), command_);
    const std::string name = file_name(head, flags_);
    if (!finished_.insert(name).second) return {};
    if (engine_) {
      const auto tokens = image_tokens(*engine_, scenario.width, scenario.height);
      if (!tokens) return std::unexpected(tokens.error());
      head.image_tokens = *tokens;
    }
    auto writer = BenchRunWriter::open(raw / name, head);
    if (!writer) return std::unexpected(writer.error());
    auto pictures = picture_set_of(flags_, scenario, seed);
    if (!pictures) return std::unexpected(pictures.error());
    return measure(scenario, make_script(scenario, seed, questions), *pictures, *targets, *writer, seed);
  }

  Result<void> measure(const Scenario& scenario, const Script& script, PictureSet& pictures,
                       std::vector<BenchedTarget>& targets, BenchRunWriter& writer, std::uint64_t seed) {
    ProgressBar bar(std::format("{}, seed {}", scenario.workload.name, seed));
    auto arrivals = arrivals_of(flags_, script.requests.size(), seed);
    if (!arrivals) return std::unexpected(arrivals.error());
    const BenchOptions options{.clients = flags_.clients,
                               .arrivals_ms = std::move(*arrivals),
                               .passes = flags_.passes,
                               .restart = [this] { return run_command(flags_.restart_command); },
                               .on_record = [&](const BenchRecord& record) { return writer.add(record); },
                               .progress = [&](double part) { bar.update(part); }};
    const Stopwatch watch;
    const std::stop_token stop = interrupts_.watch();
    auto done = run_bench(scenario, script, pictures, targets, options, stop);
    interrupts_.unwatch();
    if (!done) return done;
    BenchTail tail{.took_ms = watch.elapsed_ms(), .pictures = script.pictures, .holdings = {}};
    for (const BenchedTarget& benched : targets) {
      if (auto held = benched.target->holdings(); !held.empty())
        tail.holdings[benched.target->name()] = std::move(held);
    }
    return writer.finish(tail);
  }

  const BenchFlags& flags_;
  const std::string command_;
  Interrupts interrupts_;
  std::unique_ptr<VisionLanguageEngine> engine_;
  std::set<std::string> finished_;  // names of runs that need not be done, or done again
};

BenchPageInput page_input(const BenchFlags& flags, const std::vector<BenchRun>& runs) {
  BenchPageInput input{.groups = groups_of(runs), .prices = flags.prices};
  for (const BenchGroup& group : input.groups) {
    if (group.name() != "paper" || input.pressure || flags.report.empty()) continue;
    const auto model = measured_model(group);
    if (!model) continue;
    ProgressBar bar("Replaying policies");
    input.pressure = study_pressure(group.head().scenario.workload, *model, [&](double part) { bar.update(part / 2); });
    input.growth =
        study_growth(group.head().scenario.workload, *model, [&](double part) { bar.update(0.5 + part / 2); });
  }
  return input;
}

Result<void> bench(const BenchFlags& flags, const std::string& command) {
  const auto scenarios = scenarios_of(flags);
  if (!scenarios) return std::unexpected(scenarios.error());
  const auto seeds = seeds_of(flags);
  if (!seeds) return std::unexpected(seeds.error());
  if (flags.no_run && flags.report.empty())
    return fail(Fault::invalid, "--no-run needs --report DIR, the folder with the runs");
  if (flags.baseline_every > 1 && load_of(flags) != in_turns)
    return fail(
        Fault::invalid,
        "--baseline-every needs one client that sends each request to all targets in turn: leave out --clients, --rate "
        "and --arrivals");
  for (const Scenario& scenario : *scenarios) {
    if (auto possible = check_restart(flags, scenario); !possible && !flags.no_run) return possible;
  }
  std::optional<ScratchFolder> scratch;  // for the runs of a report that nobody asked for
  if (flags.report.empty()) {
    auto made = ScratchFolder::make("fovea-bench");
    if (!made) return std::unexpected(made.error());
    scratch.emplace(std::move(*made));
  }
  const fs::path folder = scratch ? scratch->path() : fs::path(flags.report);
  if (!flags.no_run) {
    std::error_code error;
    fs::create_directories(raw_folder(folder), error);
    if (error) return fail(Fault::unavailable, std::format("{}: {}", folder.string(), error.message()));
    if (auto done = Bench(flags, command).run(*scenarios, *seeds, folder); !done) return done;
  }
  const auto runs = read_finished_runs(folder);
  if (!runs) return std::unexpected(runs.error());
  const BenchPageInput input = page_input(flags, *runs);
  const std::string json = flags.json || !flags.report.empty() ? bench_json(input) : "";
  std::print("{}", flags.json ? json : bench_text(input));
  if (flags.report.empty()) return {};
  if (auto written = write_report(bench_page(input), json, flags.report); !written) return written;
  std::println(stderr, "fovea: the report is {}", (fs::path(flags.report) / "report.html").string());
  return {};
}

int run(const BenchFlags& flags, const std::string& command) {
  const auto done = bench(flags, command);
  if (done) return 0;
  std::println(stderr, "fovea: {}", done.error().message);
  if (done.error().fault == Fault::cancelled) return 130;
  return done.error().fault == Fault::invalid ? 2 : 1;
}

// The command line as a person would write it, for the report.
std::string quoted_command(const CLI::App& bench) {
  std::string command = "fovea bench";
  for (const CLI::Option* option : bench.get_options()) {
    if (option->count() == 0) continue;
    for (const std::string& value : option->results()) {
      if (!option->get_positional())
        command += " --" + (option->get_lnames().empty() ? option->get_name() : option->get_lnames().front());
      if (option->get_positional() || option->get_items_expected_max() > 0)
        command += value.find_first_of(" '\"") == std::string::npos ? " " + value : std::format(" '{}'", value);
    }
  }
  return command;
}

}  // namespace

void add_bench(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<BenchFlags>();
  CLI::App& bench = *app.add_subcommand("bench", "Measure what the cache levels save, or compare servers");
  bench.footer(
      "Sends the same requests in turn to pipelines with different levels, or to servers, and prints how much faster\n"
      "each is.\n\n"
      "  fovea bench                                            the paper's load, with the bundled model\n"
      "  fovea bench paper chat --report out                    raw results, tables, figures and a page in out/\n"
      "  fovea bench --report out --no-run                      the same report, from the raw results in out/\n"
      "  fovea bench -m model.gguf --mmproj mmproj.gguf --baseline-every 10\n"
      "  fovea bench chat --url fovea=http://localhost:8080/v1 --url other=http://localhost:8000/v1\n"
      "  fovea bench --url mine=http://localhost:8080/v1 --rate 2 --passes 1\n\n"
      "With --report, an interrupted bench can be started again: complete runs are not repeated, and the interrupted\n"
      "run starts from its beginning. Raw results may also be packed as out/raw.tar.xz. docs/bench.md explains the "
      "scenarios and the numbers.\n\n"
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.");
  add_bench_flags(bench, *flags);
  bench.callback([flags, &bench, &exit_code] {
    flags->model.parallel = flags->clients;
    exit_code = run(*flags, quoted_command(bench));
  });
}

}  // namespace fovea::app
