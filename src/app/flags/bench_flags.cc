// The groups of the help follow docs/bench.md: the load, the targets, the method, the output. Values that one
// flag can check alone are checked here; what flags say together is checked in bench_setup.cc and bench.cc.
#include "app/flags/bench_flags.h"

namespace fovea::app {

namespace {

void add_load_options(CLI::App& bench, BenchFlags& flags) {
  constexpr const char* group = "Load";
  bench.add_option("SCENARIO", flags.scenarios, "Bundled names (samples/scenarios) or files")
      ->type_name("")
      ->capture_default_str();
  bench.add_option("--seeds", flags.seeds, "One run for each")->type_name("LIST")->capture_default_str()->group(group);
  bench.add_option("--requests", flags.requests, "Requests of each run (default: the scenario's)")
      ->check(CLI::Range(1U, 20'000'000U))
      ->type_name("N")
      ->group(group);
  bench.add_option("--max-tokens", flags.max_tokens, "Tokens of an answer, at most (default: the scenario's)")
      ->check(CLI::Range(1, 1 << 20))
      ->type_name("N")
      ->group(group);
  bench.add_option("--pictures", flags.pictures, "A folder of pictures to use (default: drawn ones)")
      ->check(CLI::ExistingDirectory)
      ->type_name("DIR")
      ->group(group);
  bench.add_option("--size", flags.size, "Size of drawn pictures (default: the scenario's)")
      ->type_name("WxH")
      ->group(group);
  bench
      .add_option("--questions", flags.questions,
                  "Questions to use, in the format of VQA v2, POPE or VizWiz (default: the bundled ones)")
      ->check(CLI::ExistingFile)
      ->type_name("FILE")
      ->group(group);
}

void add_target_options(CLI::App& bench, BenchFlags& flags) {
  constexpr const char* group = "Targets";
  bench
      .add_option("--levels", flags.levels,
                  "Pipelines of this process, by their levels, as none,both,all or response+prefix:lru (default: "
                  "none,response,embedding,both,all; with --url, none of them). With a policy by importance, all of "
                  "them take attention summaries")
      ->type_name("LIST")
      ->group(group);
  bench
      .add_option("--url", flags.urls,
                  "A server with OpenAI's API, as NAME=http://host:8080/v1; give it several times to compare servers")
      ->type_name("NAME=URL")
      ->group(group);
  bench.add_option("--url-key-env", flags.url_key_env, "The environment variable with the servers' key")
      ->type_name("NAME")
      ->group(group);
  bench.add_option("--url-model", flags.url_model, "The model that requests name")->type_name("NAME")->group(group);
  bench
      .add_option("--baseline-every", flags.baseline_every,
                  "Send 'none' only one request in N: its times depend on nothing before")
      ->check(CLI::Range(1U, 1'000'000U))
      ->type_name("N")
      ->capture_default_str()
      ->group(group);
  bench
      .add_option("--restart-command", flags.restart_command,
                  "The command that restarts the servers, for a scenario with a restart")
      ->type_name("CMD")
      ->group(group);
}

void add_method_options(CLI::App& bench, BenchFlags& flags) {
  constexpr const char* group = "Method";
  bench.add_option("--clients", flags.clients, "Requests at the same time; 1 = all targets in turns")
      ->check(CLI::Range(1U, 256U))
      ->type_name("N")
      ->capture_default_str()
      ->group(group);
  auto* rate = bench.add_option("--rate", flags.rate, "Requests per second that do not wait for answers (Poisson)")
                   ->check(CLI::Range(1e-6, 1e6))
                   ->type_name("R")
                   ->group(group);
  bench.add_option("--arrivals", flags.arrivals, "The same at recorded times: a file with times in its first column")
      ->check(CLI::ExistingFile)
      ->excludes(rate)
      ->type_name("FILE")
      ->group(group);
  bench.add_option("--passes", flags.passes, "2: send everything once more at the end")
      ->check(CLI::Range(1U, 10U))
      ->type_name("N")
      ->capture_default_str()
      ->group(group);
  bench.add_option("--note", flags.note, "A note in the report beside the machine: a commit, for example")
      ->type_name("TEXT")
      ->group(group);
}

void add_output_options(CLI::App& bench, BenchFlags& flags) {
  constexpr const char* group = "Output";
  bench
      .add_option("--report", flags.report,
                  "Keep raw results in DIR/raw, go on if they are not complete, and write the report into DIR")
      ->type_name("DIR")
      ->group(group);
  bench
      .add_flag("--no-run", flags.no_run,
                "Only make the report, from the runs in DIR/raw and in DIR/raw.tar.xz (plain files first)")
      ->group(group);
  bench.add_flag("--json", flags.json, "Print one JSON document")->group(group);
  bench.add_option("--price-per-gpu-hour", flags.prices.per_gpu_hour, "Of an hour of the machine that computes")
      ->check(CLI::NonNegativeNumber)
      ->type_name("X")
      ->group(group);
  bench.add_option("--price-per-1k-image-tokens", flags.prices.per_1k_image_tokens, "What a provider charges")
      ->check(CLI::NonNegativeNumber)
      ->type_name("X")
      ->group(group);
  bench.add_option("--watts", flags.prices.watts, "Power of the machine while it computes")
      ->check(CLI::NonNegativeNumber)
      ->type_name("W")
      ->group(group);
}

}  // namespace

void add_bench_flags(CLI::App& bench, BenchFlags& flags) {
  add_load_options(bench, flags);
  add_target_options(bench, flags);
  add_method_options(bench, flags);
  add_output_options(bench, flags);
  add_model_flags(bench, flags.model);
  add_cache_flags(bench, flags.cache);
}

}  // namespace fovea::app
