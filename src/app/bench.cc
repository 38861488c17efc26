// fovea bench: asks a scenario's requests of Fovea's levels, or of servers side by side, and reports what each took.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <glaze/glaze.hpp>
#include <memory>
#include <print>

#include "app/bench_json.h"
#include "app/bench_pressure.h"
#include "app/bench_report.h"
#include "app/bench_setup.h"
#include "app/bench_text.h"
#include "app/interrupts.h"
#include "app/machine.h"
#include "app/progress_bar.h"
#include "app/verbs.h"
#include "base/clock.h"
#include "eval/arrivals.h"
#include "fovea/key.h"
#include "fovea/version.h"

namespace fovea::app {

namespace {

namespace fs = std::filesystem;

// Where a bench's raw results go: the report's folder, or one that goes away.
class RawFolder {
 public:
  explicit RawFolder(const std::string& report)
      : passing_(report.empty()),
        path_(passing_ ? fs::temp_directory_path() / std::format("fovea-bench-{}", getpid())
                       : fs::path(report) / "raw") {
    fs::create_directories(path_, error_);
  }
  ~RawFolder() {
    std::error_code ignored;
    if (passing_) fs::remove_all(path_, ignored);
  }
  RawFolder(const RawFolder&) = delete;
  RawFolder& operator=(const RawFolder&) = delete;
  const fs::path& path() const { return path_; }
  const std::error_code& error() const { return error_; }

 private:
  const bool passing_;
  const fs::path path_;
  std::error_code error_;
};

std::string now_text() {
  return std::format("{:%FT%TZ}", std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
}

std::string load_of(const BenchFlags& flags) {
  if (!flags.arrivals.empty()) return "open, recorded arrivals";
  if (flags.rate > 0) return std::format("open, {} requests/s", flags.rate);
  return flags.clients == 1 ? "one after another, in turns" : std::format("{} clients", flags.clients);
}

BenchHead head_of(const BenchFlags& flags, const Scenario& scenario, std::uint64_t seed,
                  const std::vector<BenchedSubject>& subjects, bool runs_model, const std::string& command) {
  BenchHead head{.scenario = scenario, .seed = seed, .subjects = {}, .load = load_of(flags)};
  for (const BenchedSubject& benched : subjects)
    head.subjects.push_back({benched.subject->name(), benched.subject->about(), benched.every});
  if (runs_model) head.model = flags.model.model.empty() ? "bundled" : fs::path(flags.model.model).stem().string();
  head.pictures = flags.pictures.empty() ? "drawn" : fs::path(flags.pictures).filename().string();
  head.machine = machine_line();
  head.command = command;
  head.note = std::format("Fovea {}{}{}", FOVEA_VERSION, flags.note.empty() ? "" : ", ", flags.note);
  head.started = now_text();
  return head;
}

// The same run has the same name, so that what is there need not be run again; anything that changes what is measured changes it.
std::string file_name(BenchHead head, const BenchFlags& flags) {
  head.machine = head.command = head.note = head.started = "";
  KeyBuilder key("fovea/bench-run/1");
  key.field(glz::write_json(head).value_or("")).field(flags.passes).field(flags.questions);
  return std::format("{}-{}-{}.jsonl", head.scenario.workload.name, head.seed, key.finish().hex().substr(0, 8));
}

Result<std::vector<double>> arrivals_of(const BenchFlags& flags, std::size_t requests, std::uint64_t seed) {
  if (!flags.arrivals.empty()) return read_arrivals(flags.arrivals);
  if (flags.rate > 0) return poisson_arrivals(flags.rate, requests, seed);
  return std::vector<double>();
}

Result<void> run_command(const std::string& command) {
  if (command.empty()) return {};
  const int status = std::system(command.c_str());
  if (status == 0) return {};
  return fail(Fault::unavailable, std::format("--restart-command ended with status {}: {}", status, command));
}

Result<PictureShelf> shelf_of(const BenchFlags& flags, const Scenario& scenario, std::uint64_t seed) {
  PictureKind kind = PictureKind::scene;
  if (scenario.pictures == "screen") kind = PictureKind::screen;
  if (scenario.pictures == "frame") kind = PictureKind::frame;
  if (!flags.pictures.empty()) kind = PictureKind::file;
  return PictureShelf::open(
      {.kind = kind, .seed = seed, .width = scenario.width, .height = scenario.height, .folder = flags.pictures});
}

class Bench {
 public:
  Bench(const BenchFlags& flags, std::string command) : flags_(flags), command_(std::move(command)) {}

  // Runs what is not in `raw` yet.
  Result<void> run(const std::vector<Scenario>& scenarios, const std::vector<std::uint64_t>& seeds,
                   const fs::path& raw) {
    const auto questions = questions_of(flags_);
    if (!questions) return std::unexpected(questions.error());
    for (const Scenario& scenario : scenarios) {
      for (const std::uint64_t seed : seeds) {
        if (auto done = run_one(scenario, seed, *questions, raw); !done) return done;
      }
    }
    return {};
  }

 private:
  Result<void> run_one(const Scenario& scenario, std::uint64_t seed, const std::vector<std::string>& questions,
                       const fs::path& raw) {
    auto subjects = subjects_of(flags_, engine_);
    if (!subjects) return std::unexpected(subjects.error());
    BenchHead head = head_of(flags_, scenario, seed, *subjects, engine_ != nullptr, command_);
    const fs::path file = raw / file_name(head, flags_);
    if (std::error_code ignored; fs::exists(file, ignored)) return {};
    if (engine_) {
      const auto tokens = image_tokens(*engine_, scenario.width, scenario.height);
      if (!tokens) return std::unexpected(tokens.error());
      head.image_tokens = *tokens;
    }
    auto writer = BenchRunWriter::open(file, head);
    if (!writer) return std::unexpected(writer.error());
    auto shelf = shelf_of(flags_, scenario, seed);
    if (!shelf) return std::unexpected(shelf.error());
    return measure(scenario, make_script(scenario, seed, questions), *shelf, *subjects, *writer, seed);
  }

  Result<void> measure(const Scenario& scenario, const Script& script, PictureShelf& shelf,
                       std::vector<BenchedSubject>& subjects, BenchRunWriter& writer, std::uint64_t seed) {
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
    auto done = run_bench(scenario, script, shelf, subjects, options, stop);
    interrupts_.unwatch();
    if (!done) return done;
    BenchTail tail{.took_ms = watch.elapsed_ms(), .pictures = script.pictures, .holdings = {}};
    for (const BenchedSubject& benched : subjects) {
      if (auto held = benched.subject->holdings(); !held.empty())
        tail.holdings[benched.subject->name()] = std::move(held);
    }
    return writer.finish(tail);
  }

  const BenchFlags& flags_;
  const std::string command_;
  Interrupts interrupts_;
  std::unique_ptr<VisionLanguageEngine> engine_;
};

// Every finished run of the folder, in the order of the files' names.
Result<std::vector<BenchRun>> read_runs(const fs::path& raw) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(raw, error)) {
    if (entry.path().extension() == ".jsonl") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  std::vector<BenchRun> runs;
  for (const fs::path& file : files) {
    auto run = read_bench_run(file);
    if (!run) return std::unexpected(run.error());
    runs.push_back(std::move(*run));
  }
  if (runs.empty()) return fail(Fault::not_found, std::format("{}: has no finished runs", raw.string()));
  return runs;
}

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
  const RawFolder raw(flags.report);
  if (raw.error()) return fail(Fault::unavailable, std::format("{}: {}", raw.path().string(), raw.error().message()));
  if (!flags.no_run) {
    if (auto done = Bench(flags, command).run(*scenarios, *seeds, raw.path()); !done) return done;
  }
  const auto runs = read_runs(raw.path());
  if (!runs) return std::unexpected(runs.error());
  const BenchPageInput input = page_input(flags, *runs);
  std::print("{}", flags.json ? bench_json(input) : bench_text(input));
  if (flags.report.empty()) return {};
  if (auto written = write_report(bench_page(input), flags.report); !written) return written;
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

void add_asked_options(CLI::App& bench, BenchFlags& flags) {
  constexpr const char* group = "What is asked";
  bench.add_option("SCENARIO", flags.scenarios, "Bundled names (samples/scenarios) or files")
      ->type_name("")
      ->capture_default_str();
  bench.add_option("--seeds", flags.seeds, "A run for each")->type_name("LIST")->capture_default_str()->group(group);
  bench.add_option("--requests", flags.requests, "Of each run (default: the scenario's)")
      ->check(CLI::Range(1U, 20'000'000U))
      ->type_name("N")
      ->group(group);
  bench.add_option("--max-tokens", flags.max_tokens, "Of an answer (default: the scenario's)")
      ->check(CLI::Range(1, 1 << 20))
      ->type_name("N")
      ->group(group);
  bench.add_option("--pictures", flags.pictures, "A folder of pictures to use (default: drawn ones)")
      ->check(CLI::ExistingDirectory)
      ->type_name("DIR")
      ->group(group);
  bench.add_option("--size", flags.size, "Of drawn pictures (default: the scenario's)")->type_name("WxH")->group(group);
  bench
      .add_option("--questions", flags.questions,
                  "Questions to use, in the format of VQA v2, POPE or VizWiz (default: the bundled ones)")
      ->check(CLI::ExistingFile)
      ->type_name("FILE")
      ->group(group);
}

void add_who_options(CLI::App& bench, BenchFlags& flags) {
  constexpr const char* group = "Who is asked";
  bench
      .add_option("--levels", flags.levels,
                  "Pipelines of this process, by their levels, as none,both,all or response+prefix:lru (default: "
                  "none,response,embedding,both,all; with --url no others)")
      ->type_name("LIST")
      ->group(group);
  bench
      .add_option("--url", flags.urls,
                  "A server that speaks OpenAI's API, as NAME=http://host:8080/v1; several are asked side by side")
      ->type_name("NAME=URL")
      ->group(group);
  bench.add_option("--url-key-env", flags.url_key_env, "The variable that holds the servers' key")
      ->type_name("NAME")
      ->group(group);
  bench.add_option("--url-model", flags.url_model, "The model to name in requests")->type_name("NAME")->group(group);
  bench
      .add_option("--baseline-every", flags.baseline_every,
                  "Ask 'none' one request in N only: its times depend on nothing before")
      ->check(CLI::Range(1U, 1'000'000U))
      ->type_name("N")
      ->capture_default_str()
      ->group(group);
  bench
      .add_option("--restart-command", flags.restart_command,
                  "Starts the servers again, where the scenario restarts them")
      ->type_name("CMD")
      ->group(group);
}

void add_how_options(CLI::App& bench, BenchFlags& flags) {
  constexpr const char* group = "How";
  bench.add_option("--clients", flags.clients, "So many at a time; 1 = all subjects in turns")
      ->check(CLI::Range(1U, 256U))
      ->type_name("N")
      ->capture_default_str()
      ->group(group);
  auto* rate = bench.add_option("--rate", flags.rate, "Requests a second that wait for no answer (Poisson)")
                   ->check(CLI::Range(1e-6, 1e6))
                   ->type_name("R")
                   ->group(group);
  bench.add_option("--arrivals", flags.arrivals, "The same, at recorded times: a file with times in its first column")
      ->check(CLI::ExistingFile)
      ->excludes(rate)
      ->type_name("FILE")
      ->group(group);
  bench.add_option("--passes", flags.passes, "2: ask everything once more at the end")
      ->check(CLI::Range(1U, 10U))
      ->type_name("N")
      ->capture_default_str()
      ->group(group);
  bench.add_option("--note", flags.note, "Stands in the report beside the machine: a commit, say")
      ->type_name("TEXT")
      ->group(group);
}

void add_output_options(CLI::App& bench, BenchFlags& flags) {
  constexpr const char* group = "Output";
  bench
      .add_option("--report", flags.report,
                  "Keep raw results in DIR/raw, go on there if they are not complete, and write the report")
      ->type_name("DIR")
      ->group(group);
  bench.add_flag("--no-run", flags.no_run, "Only make the report, of the runs that are in DIR")->group(group);
  bench.add_flag("--json", flags.json, "Print one JSON document")->group(group);
  bench.add_option("--price-per-gpu-hour", flags.prices.per_gpu_hour, "Of the machine that computes")
      ->check(CLI::NonNegativeNumber)
      ->type_name("X")
      ->group(group);
  bench.add_option("--price-per-1k-image-tokens", flags.prices.per_1k_image_tokens, "That a provider takes")
      ->check(CLI::NonNegativeNumber)
      ->type_name("X")
      ->group(group);
  bench.add_option("--watts", flags.prices.watts, "That the machine draws while it computes")
      ->check(CLI::NonNegativeNumber)
      ->type_name("W")
      ->group(group);
}

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
  CLI::App& bench = *app.add_subcommand("bench", "Measure what the levels save, or servers side by side");
  bench.footer(
      "Asks the same requests of pipelines with other levels switched on, in turns, and says how much faster each "
      "is.\n\n"
      "  fovea bench                                            the paper's load, with the bundled model\n"
      "  fovea bench paper chat --report out                    raw results, tables, figures and a page in out/\n"
      "  fovea bench --report out --no-run                      the same report, from what is there\n"
      "  fovea bench -m model.gguf --mmproj mmproj.gguf --baseline-every 10\n"
      "  fovea bench chat --url fovea=http://localhost:8080/v1 --url other=http://localhost:8000/v1\n"
      "  fovea bench --url mine=http://localhost:8080/v1 --rate 2 --passes 1\n\n"
      "An interrupted bench goes on with the run that it was in: runs that are whole are not repeated. docs/bench.md\n"
      "explains scenarios and numbers.\n\n"
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.");
  add_asked_options(bench, *flags);
  add_who_options(bench, *flags);
  add_how_options(bench, *flags);
  add_output_options(bench, *flags);
  add_model_flags(bench, flags->model);
  add_cache_flags(bench, flags->cache);
  bench.callback([flags, &bench, &exit_code] {
    flags->model.parallel = flags->clients;
    exit_code = run(*flags, quoted_command(bench));
  });
}

}  // namespace fovea::app
