#include "app/flags/bench_flags.h"

namespace fovea::app {

namespace {

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
                  "none,response,embedding,both,all; with --url no others). Policies by importance have all of "
                  "them watch what answers look at")
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
  bench.add_option("--clients", flags.clients, "So many at a time; 1 = all targets in turns")
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

}  // namespace

void add_bench_flags(CLI::App& bench, BenchFlags& flags) {
  add_asked_options(bench, flags);
  add_who_options(bench, flags);
  add_how_options(bench, flags);
  add_output_options(bench, flags);
  add_model_flags(bench, flags.model);
  add_cache_flags(bench, flags.cache);
}

}  // namespace fovea::app
