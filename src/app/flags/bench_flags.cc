// One function a group of --help: which requests, which targets, under what load, and what comes out.
#include "app/flags/bench_flags.h"

#include <CLI/CLI.hpp>

namespace fovea::app {

namespace {

void add_request_options(CLI::App& bench, BenchFlags& flags) {
  constexpr const char* group = "Requests";
  bench.add_option("SCENARIO", flags.scenarios, "Bundled scenarios (samples/scenarios) by name, or scenario files")
      ->type_name("")
      ->capture_default_str();
  bench.add_option("--seeds", flags.seeds, "Run each scenario once with each of these seeds")
      ->type_name("LIST")
      ->capture_default_str()
      ->group(group);
  bench.add_option("--requests", flags.requests, "Requests of a run (default: the scenario's)")
      ->check(CLI::Range(1U, 20'000'000U))
      ->type_name("N")
      ->group(group);
  bench.add_option("--max-tokens", flags.max_tokens, "The longest answer, in tokens (default: the scenario's)")
      ->check(CLI::Range(1, 1 << 20))
      ->type_name("N")
      ->group(group);
  bench.add_option("--pictures", flags.pictures, "Use the pictures of this folder (default: pictures are drawn)")
      ->check(CLI::ExistingDirectory)
      ->type_name("DIR")
      ->group(group);
  bench.add_option("--size", flags.size, "The size of drawn pictures in pixels (default: the scenario's)")
      ->type_name("WxH")
      ->group(group);
  bench
      .add_option(
          "--questions", flags.questions,
          "Use the questions of this file, which has the format of VQA v2, POPE or VizWiz (default: the bundled "
          "questions)")
      ->check(CLI::ExistingFile)
      ->type_name("FILE")
      ->group(group);
}

void add_target_options(CLI::App& bench, BenchFlags& flags) {
  constexpr const char* group = "Targets";
  bench
      .add_option("--levels", flags.levels,
                  "Pipelines to measure in this process, each by its levels (none, both, all, or names with + between) "
                  "and, behind a colon, its policy: none,both,response+prefix:lru. Default: "
                  "none,response,embedding,both,all; none of them with --url. A policy that uses importance switches "
                  "attention on for all of them")
      ->type_name("LIST")
      ->group(group);
  bench
      .add_option("--url", flags.urls,
                  "A server to measure that speaks OpenAI's API, as NAME=http://host:8080/v1; may be repeated")
      ->type_name("NAME=URL")
      ->group(group);
  bench.add_option("--url-key-env", flags.url_key_env, "The environment variable that holds the servers' API key")
      ->type_name("NAME")
      ->group(group);
  bench.add_option("--url-model", flags.url_model, "The name of the model in requests to servers")
      ->type_name("NAME")
      ->group(group);
  bench
      .add_option("--baseline-every", flags.baseline_every,
                  "Send only one request in N to the target none, whose times depend on no earlier request")
      ->check(CLI::Range(1U, 1'000'000U))
      ->type_name("N")
      ->capture_default_str()
      ->group(group);
  bench
      .add_option("--restart-command", flags.restart_command,
                  "The command that restarts the servers, for a scenario that restarts its targets")
      ->type_name("CMD")
      ->group(group);
}

void add_load_options(CLI::App& bench, BenchFlags& flags) {
  constexpr const char* group = "Load";
  bench
      .add_option("--clients", flags.clients,
                  "Clients that send requests at the same time; 1 = each request goes to all targets in turn")
      ->check(CLI::Range(1U, 256U))
      ->type_name("N")
      ->capture_default_str()
      ->group(group);
  auto* rate = bench
                   .add_option("--rate", flags.rate,
                               "Send this many requests a second (Poisson arrivals) and do not wait for answers")
                   ->check(CLI::Range(1e-6, 1e6))
                   ->type_name("R")
                   ->group(group);
  bench
      .add_option("--arrivals", flags.arrivals,
                  "Send requests at recorded times, the first column of this file, and do not wait for answers")
      ->check(CLI::ExistingFile)
      ->excludes(rate)
      ->type_name("FILE")
      ->group(group);
  bench.add_option("--passes", flags.passes, "2 = all requests are repeated once at the end")
      ->check(CLI::Range(1U, 10U))
      ->type_name("N")
      ->capture_default_str()
      ->group(group);
  bench.add_option("--note", flags.note, "A text for the report, for example a commit")
      ->type_name("TEXT")
      ->group(group);
}

void add_output_options(CLI::App& bench, BenchFlags& flags) {
  constexpr const char* group = "Output";
  bench
      .add_option("--report", flags.report,
                  "Keep raw results in DIR/raw, run only what is missing there, and write the report to DIR")
      ->type_name("DIR")
      ->group(group);
  bench.add_flag("--no-run", flags.no_run, "Make the report from the runs in DIR and measure nothing")->group(group);
  bench.add_flag("--json", flags.json, "Print one JSON document")->group(group);
  bench
      .add_option("--price-per-gpu-hour", flags.prices.per_gpu_hour,
                  "The price of an hour of the machine that computes, for the report")
      ->check(CLI::NonNegativeNumber)
      ->type_name("X")
      ->group(group);
  bench
      .add_option("--price-per-1k-image-tokens", flags.prices.per_1k_image_tokens,
                  "What a provider takes for 1000 image tokens, for the report")
      ->check(CLI::NonNegativeNumber)
      ->type_name("X")
      ->group(group);
  bench.add_option("--watts", flags.prices.watts, "The power that the machine draws while it computes, for the report")
      ->check(CLI::NonNegativeNumber)
      ->type_name("W")
      ->group(group);
}

}  // namespace

void add_bench_flags(CLI::App& bench, BenchFlags& flags) {
  add_request_options(bench, flags);
  add_target_options(bench, flags);
  add_load_options(bench, flags);
  add_output_options(bench, flags);
  add_model_flags(bench, flags.model);
  add_cache_flags(bench, flags.cache);
}

}  // namespace fovea::app
