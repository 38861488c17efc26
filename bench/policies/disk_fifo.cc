// disk_fifo: how much compute a disk that drops its oldest file saves beside the policy `value` at equal
// bytes. Every ratio is between replays of the same trace in this run.
//
//   disk_fifo [--seeds N] [--files N] [--model-profile FILE] [TRACE...]
//
// A TRACE is a recipe, or files of questions with commas between, which are shuffled by the seed and get
// their sizes and costs from the profile. Without one, the program takes the recipes of samples/workloads.
// A recipe of fewer than a thousand requests gets ten times as many seeds, because chance matters more
// there.
//
// For each capacity (a share of the working set) a line has what `value` saves of all compute, and then
// what the others save in percent of that. Behind it, in brackets, stand the bytes written per byte of
// values that were computed and offered to the disk. Numbers are means over seeds.
//
//   one FIFO     the oldest file is dropped, nothing is written again
//   again        a hit in the older half of the bytes appends the value again
//   if worth it  values below half of the mean worth of the bytes offered are neither admitted nor appended
//   rescue       before a file is dropped, its values of most worth, up to half of it, are written again
//   shares       a fixed part of the bytes for each level: 60 to 12 for embeddings and responses
//   least file   a FIFO for each level in one budget; of the oldest files the one of least worth is dropped
//   log          `value` decides in memory with this part of the bytes; the file with fewest live bytes is
//                dropped, after those were written again
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <format>
#include <functional>
#include <optional>
#include <print>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "replay/budget_plan.h"
#include "replay/ceiling.h"
#include "replay/fifo_disk.h"
#include "replay/policy_log.h"
#include "replay/replay.h"
#include "trace/read_trace.h"
#include "workload/workload.h"

namespace {

using namespace fovea;
namespace fs = std::filesystem;

constexpr std::array capacities{0.01, 0.02, 0.05, 0.10, 0.20, 0.50};
constexpr std::uint64_t short_requests = 1000;
constexpr int short_factor = 10;
constexpr double near_enough = 0.97;

// The shares of the levels' column families, of those that occur in these traces.
constexpr double embedding_share = 0.60 / 0.72;

struct Variant {
  std::string name;
  FifoRules rules;
  bool shares = false;    // a part of the disk for each level, instead of one budget
  double live_share = 0;  // above 0: not a FIFO, but the policy `value` on this part of the bytes, and a log
};

std::vector<Variant> variants(std::uint32_t files) {
  using enum FifoRules::Rows;
  return {{"one FIFO", {files, one}},
          {"again", {files, one, 0.5}},
          {"again if worth it", {files, one, 0.5, 0.5, 0.5}},
          {"rescue", {files, one, 1, 0, 0, 0.5}},
          {"shares, again", {files, one, 0.5}, true},
          {"shares, rescue", {files, one, 1, 0, 0, 0.5}, true},
          {"least file", {files, per_level}},
          {"least file, again", {files, per_level, 0.5}},
          {"least file, rescue", {files, per_level, 1, 0, 0, 0.5}},
          {"log 0.90", {files}, false, 0.90},
          {"log 0.95", {files}, false, 0.95}};
}

template <typename T>
T or_exit(Result<T> result) {
  if (result) return *std::move(result);
  std::println(stderr, "disk_fifo: {}", result.error().message);
  std::exit(1);
}

// A load, which each seed makes a trace of.
class Load {
 public:
  Load(const std::string& text, const std::string& profile) {
    for (const auto part : std::views::split(text, ',')) files_.emplace_back(part.begin(), part.end());
    name_ = fs::path(files_.front()).stem().string();
    TraceSource first = or_exit(TraceSource::open(files_.front()));
    if (or_exit(recognise(first)) == TraceFormat::workload) {
      recipe_ = or_exit(read_workload(first));
    } else {
      options_.shuffled = true;
      options_.profile = or_exit(read_model_profile(profile));
      name_ += ", " + options_.profile.name;
    }
  }

  const std::string& name() const { return name_; }
  int seeds(int wanted) const { return recipe_ && recipe_->requests < short_requests ? short_factor * wanted : wanted; }
  Trace trace(int seed) const {
    if (recipe_) return generate_trace(*recipe_, static_cast<std::uint64_t>(seed));
    ReadOptions options = options_;
    options.seed = static_cast<std::uint64_t>(seed);
    return or_exit(read_trace(files_, options, {}));
  }

 private:
  std::vector<std::string> files_;
  std::string name_;
  std::optional<Workload> recipe_;
  ReadOptions options_;
};

// What one way of deciding saved and wrote at one capacity, summed over seeds.
struct Sum {
  double saved = 0;
  double written = 0;
  double offered = 0;

  double writes() const { return offered > 0 ? written / offered : 0; }
};

void replay_into(Sum& sum, const Trace& trace, const Variant& variant, std::uint64_t bytes_max) {
  const auto embeddings = static_cast<std::uint64_t>(embedding_share * static_cast<double>(bytes_max));
  const std::array<std::uint64_t, trace_levels> split{embeddings, 0, bytes_max - embeddings};
  const BudgetPlan budgets = variant.shares ? BudgetPlan::split(split) : BudgetPlan::shared(bytes_max);
  DiskWrites writes;
  const PolicyLogRules log{.files = variant.rules.files, .live_share = variant.live_share};
  const ReplayOutcome outcome = variant.live_share > 0 ? replay_policy_log(trace, log, bytes_max, writes)
                                                       : replay_fifo_disk(trace, variant.rules, budgets, writes);
  sum.saved += outcome.cost_hit_ratio();
  sum.written += static_cast<double>(writes.written());
  sum.offered += static_cast<double>(writes.offered());
}

// What all ways saved of one load at one capacity.
struct Cell {
  double value = 0;
  double lru = 0;
  std::vector<Sum> disks;
};

// How often a variant came near `value`, over all cells.
struct Verdict {
  std::vector<double> ratios;

  void print(const std::string& name) const {
    std::vector<double> sorted = ratios;
    std::ranges::sort(sorted);
    const double mean = std::ranges::fold_left(sorted, 0.0, std::plus()) / static_cast<double>(sorted.size());
    const auto near = std::ranges::count_if(sorted, [](double ratio) { return ratio >= near_enough; });
    std::println("| {} | {:.1f} | {:.1f} | {} of {} |", name, 100 * mean, 100 * sorted.front(), near, sorted.size());
  }
};

Cell cell_of(const Load& load, int seeds, double capacity, const std::vector<Variant>& all) {
  Cell cell{.disks = std::vector<Sum>(all.size())};
  for (int seed = 1; seed <= seeds; ++seed) {
    const Trace trace = load.trace(seed);
    const auto bytes_max =
        static_cast<std::uint64_t>(std::llround(capacity * static_cast<double>(working_set_bytes(trace))));
    const BudgetPlan budgets = BudgetPlan::shared(bytes_max);
    cell.value += replay(trace, PolicyKind::value, budgets).cost_hit_ratio();
    cell.lru += replay(trace, PolicyKind::lru, budgets).cost_hit_ratio();
    for (std::size_t i = 0; i < all.size(); ++i) replay_into(cell.disks[i], trace, all[i], bytes_max);
  }
  return cell;
}

// Of `value`; where nothing can be saved, as good as it.
double ratio(double saved, const Cell& cell) { return cell.value > 0 ? saved / cell.value : 1; }

void print_load(const Load& load, int seeds, const std::vector<Variant>& all, std::vector<Verdict>& verdicts) {
  std::print("\n{}, {} seeds\n\n| capacity | value saves | lru |", load.name(), seeds);
  for (const Variant& variant : all) std::print(" {} |", variant.name);
  std::print("\n| ---: | ---: | ---: |");
  for (std::size_t i = 0; i < all.size(); ++i) std::print(" ---: |");
  std::println();
  for (const double capacity : capacities) {
    const Cell cell = cell_of(load, seeds, capacity, all);
    std::print("| {:.0f} % | {:.1f} % | {:.1f} |", 100 * capacity, 100 * cell.value / seeds,
               100 * ratio(cell.lru, cell));
    for (std::size_t i = 0; i < all.size(); ++i) {
      const double of_value = ratio(cell.disks[i].saved, cell);
      std::print(" {:.1f} ({:.2f}) |", 100 * of_value, cell.disks[i].writes());
      verdicts[i].ratios.push_back(of_value);
    }
    std::println();
  }
}

}  // namespace

int main(int argc, char** argv) {
  int seeds = 3;
  std::uint32_t files = 400;
  std::string profile = FOVEA_SOURCE_DIR "/samples/profiles/smolvlm-256m.json";
  std::vector<std::string> traces;
  CLI::App app("What a disk that drops its oldest file saves beside the policy `value`");
  app.add_option("--seeds", seeds, "Seeds of each load")->check(CLI::Range(1, 1000))->capture_default_str();
  app.add_option("--files", files, "Files of a full disk")->check(CLI::Range(2, 100'000))->capture_default_str();
  app.add_option("--model-profile", profile, "The profile that gives questions their sizes and costs");
  app.add_option("TRACE", traces, "Recipes, or files of questions with commas between");
  CLI11_PARSE(app, argc, argv);
  if (traces.empty()) {
    for (const auto& entry : fs::directory_iterator(FOVEA_SOURCE_DIR "/samples/workloads"))
      traces.push_back(entry.path().string());
    std::ranges::sort(traces);
  }

  std::println("disk_fifo: {} seeds, {} files, profile {}", seeds, files, fs::path(profile).stem().string());
  const std::vector<Variant> all = variants(files);
  std::vector<Verdict> verdicts(all.size());
  for (const std::string& text : traces) {
    const Load load(text, profile);
    print_load(load, load.seeds(seeds), all, verdicts);
  }
  std::println("\n| of what value saves | mean % | least % | within {:.0f} % |\n| --- | ---: | ---: | ---: |",
               100 * (1 - near_enough));
  for (std::size_t i = 0; i < all.size(); ++i) verdicts[i].print(all[i].name);
  return 0;
}
