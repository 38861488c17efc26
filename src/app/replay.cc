// fovea replay: what each policy would have saved on a recorded, published or generated load.
//
// Flags that can be wrong without the trace are checked before it is read, which may take minutes.
#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <format>
#include <memory>
#include <optional>
#include <print>
#include <ranges>
#include <string>
#include <vector>

#include "app/flags/cache_flags.h"
#include "app/load_trace.h"
#include "app/output/gnuplot.h"
#include "app/output/replay/replay_json.h"
#include "app/output/replay/replay_plot.h"
#include "app/output/replay/replay_text.h"
#include "app/terminal/progress_bar.h"
#include "app/verbs.h"
#include "profile/profile_file.h"
#include "replay/ceiling.h"
#include "replay/study.h"

namespace fovea::app {

namespace {

constexpr std::size_t budgets_max = 100;  // enough for a plot; each is a replay of the whole trace

struct ReplayFlags {
  TraceFlags trace;
  std::string policy = "all";
  std::string capacity;
  std::string budget = "shared";
  bool json = false;
  std::string plot;
};

constexpr std::string_view capacity_default = "1%,5%,10%,25%,50%,100%";

std::vector<std::string> parts_of(std::string_view list) {
  std::vector<std::string> parts;
  for (const auto part : std::views::split(list, ',')) parts.emplace_back(part.begin(), part.end());
  if (parts.empty()) parts.emplace_back();  // an empty text is one part, which is then refused
  return parts;
}

Result<std::vector<PolicyKind>> policies_of(const std::string& list) {
  if (list == "all") return std::vector<PolicyKind>(std::from_range, all_policies());
  std::vector<PolicyKind> policies;
  for (const std::string& name : parts_of(list)) {
    const auto policy = policy_kind_of(name);
    if (!policy) return fail(policy.error().fault, "--policy: " + policy.error().message);
    policies.push_back(*policy);
  }
  return policies;
}

// The budgets that the flags ask for. Before the trace is read `working_set_bytes` is unknown, and any number
// serves to check the flags.
Result<std::vector<StudyBudget>> budgets_of(const ReplayFlags& flags, std::uint64_t working_set_bytes) {
  if (flags.budget != "shared") {
    if (!flags.capacity.empty())
      return fail(Fault::invalid, "--budget gives each level its own bytes: leave out --capacity");
    auto plan = parse_split(flags.budget, working_set_bytes);
    if (!plan) return fail(plan.error().fault, "--budget: " + plan.error().message);
    return std::vector<StudyBudget>{{flags.budget, std::move(*plan)}};
  }
  std::vector<StudyBudget> budgets;
  for (std::string& part : parts_of(flags.capacity.empty() ? capacity_default : flags.capacity)) {
    const auto bytes = parse_capacity(part, working_set_bytes);
    if (!bytes) return fail(bytes.error().fault, "--capacity: " + bytes.error().message);
    budgets.push_back({std::move(part), BudgetPlan::shared(*bytes)});
  }
  if (budgets.size() > budgets_max)
    return fail(Fault::invalid, std::format("--capacity: more than {} capacities", budgets_max));
  return budgets;
}

int misused(const Error& error) {
  std::println(stderr, "fovea: {}", error.message);
  return 2;
}

int failed(const Error& error) {
  std::println(stderr, "fovea: {}", error.message);
  return 1;
}

// Whose time is saved, where a profile says it. The trace was read with the same file.
void say_costs(const std::string& file) {
  if (file.empty()) return;
  const auto profile = read_profile(file);
  if (!profile) return;
  std::println(stderr, "fovea: all costs come from the profile {}, of model {}{}", file, profile->models.front().name,
               profile->models.size() > 1 ? ", the first of the two in it" : "");
}

int run(const ReplayFlags& flags) {
  const auto policies = policies_of(flags.policy);
  if (!policies) return misused(policies.error());
  if (const auto checked = budgets_of(flags, 1); !checked) return misused(checked.error());
  std::optional<std::string> terminal;
  if (!flags.plot.empty()) {
    auto named = gnuplot_terminal(flags.plot);
    if (!named) return misused({Fault::unsupported, "--plot: " + named.error().message});
    terminal = std::move(*named);
    if (const auto possible = check_drawing(flags.plot); !possible)
      return failed({possible.error().fault, "--plot: " + possible.error().message});
  }

  Result<Trace> trace;
  {
    ProgressBar bar("Reading");
    trace = load_trace(flags.trace, [&](double fraction) { bar.update(fraction); });
  }
  if (!trace) return failed(trace.error());
  const auto budgets = budgets_of(flags, working_set_bytes(*trace));
  if (!budgets) return misused(budgets.error());
  say_costs(flags.trace.profile);
  Study result;
  {
    ProgressBar bar("Replaying");
    result = study(*trace, *policies, *budgets, [&](double fraction) { bar.update(fraction); });
  }
  const std::string text = flags.json ? replay_json(result) + "\n" : replay_text(result);
  if (std::fputs(text.c_str(), stdout) == EOF || std::fflush(stdout) != 0)
    return failed({Fault::unavailable, std::format("the result cannot be written: {}", std::strerror(errno))});
  if (terminal) {
    if (const auto drawn = draw(replay_plot(result, *terminal), flags.plot); !drawn) return failed(drawn.error());
  }
  return 0;
}

void add_trace_options(CLI::App& replay, TraceFlags& flags) {
  replay
      .add_option("TRACE", flags.files, "Files with cache look-ups or questions, or a workload; - for standard input")
      ->required()
      ->type_name("")
      ->option_text("");
  replay.add_option("--format", flags.format, "The format of the files; auto = recognise it")
      ->check(CLI::IsMember({"auto", "csv", "jsonl", "oracleGeneral", "questions", "workload"}))
      ->type_name("NAME")
      ->capture_default_str()
      ->group("Trace");
  replay.add_option("--order", flags.order, "The order of questions: as in the file, or shuffled by --seed")
      ->check(CLI::IsMember({"file", "shuffle"}))
      ->type_name("NAME")
      ->capture_default_str()
      ->group("Trace");
  replay
      .add_option("--seed", flags.seed,
                  "The seed of the shuffle, of the sizes and costs of questions, and of workloads")
      ->type_name("N")
      ->capture_default_str()
      ->group("Trace");
  replay
      .add_option("--model-profile", flags.model_profile,
                  "The model profile that gives questions their sizes and costs: a bundled name, or a file")
      ->type_name("NAME")
      ->capture_default_str()
      ->group("Trace");
  replay
      .add_option("--profile", flags.profile,
                  "Take all costs from this file, which fovea profile measured, in place of the trace's own")
      ->type_name("FILE")
      ->excludes("--model-profile")
      ->group("Trace");
}

}  // namespace

void add_replay(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<ReplayFlags>();
  CLI::App& replay = *app.add_subcommand("replay", "Compare eviction policies on a trace of requests");
  replay.footer(
      "Replays a trace through the real policies and prints, for each budget, what each policy would have saved. "
      "Beside\n"
      "them stand an offline schedule that knows the future, an upper bound for every policy, and the ceiling of a "
      "cache\n"
      "without a limit.\n\n"
      "  fovea replay trace.csv                                 all policies at six budgets\n"
      "  fovea replay trace.csv --policy lru,value --capacity 512MiB,2GiB\n"
      "  fovea replay trace.csv --budget embedding=10GiB,response=1GiB\n"
      "  fovea replay questions.json --order shuffle --seed 3 --model-profile llava-1.5-7b\n"
      "  fovea replay trace.csv --profile mine.json             in the time that fovea profile measured here\n"
      "  fovea replay trace.csv --plot saved.svg                needs gnuplot\n"
      "  zcat trace.csv.gz | fovea replay - --json\n\n"
      "The first line of a CSV trace names its columns. The columns key and size (bytes) are required; time (ms),\n"
      "tenant, level (embedding, prefix, response), cost (ms), importance (0 to 1), related and request are optional.\n"
      "JSONL uses the same names. docs/replay.md explains the formats and the numbers.\n\n"
      "Exit codes: 0 done, 1 failed, 2 wrong usage.");
  add_trace_options(replay, flags->trace);
  replay.add_option("--policy", flags->policy, "The policies to compare, with commas between, or all")
      ->check(CLI::Validator(policy_choices("all")))
      ->type_name("LIST")
      ->capture_default_str();
  replay.add_option("--capacity", flags->capacity, "The budgets: shares of the working set, or sizes such as 512MiB")
      ->type_name("LIST")
      ->default_str(std::string(capacity_default));
  replay
      .add_option("--budget", flags->budget,
                  "shared = one budget for all levels; or bytes for each: embedding=10GiB,response=1GiB")
      ->type_name("PLAN")
      ->capture_default_str();
  replay.add_flag("--json", flags->json, "Print one JSON document")->group("Output");
  replay
      .add_option("--plot", flags->plot,
                  "Plot the saved time over the budgets into an .svg or .png file (needs gnuplot)")
      ->type_name("FILE")
      ->group("Output");
  replay.callback([flags, &exit_code] { exit_code = run(*flags); });
}

}  // namespace fovea::app
