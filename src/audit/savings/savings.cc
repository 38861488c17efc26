// Every row is a replay of the whole log. Rows without a bound are fast, since no policy is asked; the others
// run side by side on the machine's processors, since the real policies take seconds for a million requests.
#include "audit/savings/savings.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <format>
#include <numeric>
#include <ranges>
#include <thread>

#include "audit/savings/way_replay.h"
#include "base/units.h"

namespace fovea {

namespace {

// What tiers take where the profile did not measure any: an NVMe disk, and a server in the same building over
// 1 Gbit/s (what a store's lanes begin with).
const TierTime usual_disk{.kind = "disk", .wait_ms = 0.2, .bytes_per_ms = 1'000'000, .write_bytes_per_ms = 500'000};
const TierTime usual_network{.kind = "shared", .wait_ms = 0.5, .bytes_per_ms = 100'000, .write_bytes_per_ms = 100'000};

// Replays side by side. Each has up to two stores for all keys, 140 B a key with what its policy remembers:
// with many keys one at a time keeps an audit below a GiB.
constexpr unsigned threads_max = 4;
constexpr std::uint32_t keys_side_by_side_max = 2'000'000;  // of all that run
constexpr double ms_per_hour = 3.6e6;
constexpr std::uint64_t least_memory = std::uint64_t{1} << 20;

struct Way {
  std::string name;
  LevelsOn on;
  StorePlan plan;
  std::vector<SavingsRow> SavingsFindings::* table = nullptr;
};

constexpr LevelsOn all_levels{.embedding = true, .prefix = true, .response = true};

class Ways {
 public:
  Ways(const AuditSettings& settings, const ModelCosts& costs) : settings_(settings), costs_(costs) {
    for (const TierTime& tier : settings.profile.tiers) {
      if (tier.kind == "disk") disk_ = tier;
      if (tier.kind == "shared") network_ = tier;
    }
  }

  std::vector<Way> levels() const {
    const StorePlan unbounded = plan(0);
    std::vector<Way> ways;
    const auto add = [&](const char* name, LevelsOn on) {
      ways.push_back({name, on, unbounded, &SavingsFindings::levels});
    };
    add("embedding", {.embedding = true});
    if (costs_.has_states()) add("prefix", {.prefix = true});
    add("response", {.response = true});
    add("embedding + response", {.embedding = true, .response = true});
    if (costs_.has_states()) add("all", all_levels);
    return ways;
  }

  // `stored_bytes`: what all levels stored where nothing was evicted.
  std::vector<Way> bounded(std::uint64_t stored_bytes) const {
    std::vector<std::uint64_t> memories = settings_.memory_bytes;
    if (memories.empty()) memories = {share(stored_bytes, 16), share(stored_bytes, 4), share(stored_bytes, 1)};
    std::ranges::sort(memories);
    memories.erase(std::ranges::unique(memories).begin(), memories.end());
    std::vector<Way> ways;
    for (const std::uint64_t bytes : memories) {
      if (bytes == 0) continue;
      ways.push_back({"memory " + format_bytes(bytes), all_levels, plan(bytes), &SavingsFindings::sizes});
    }
    if (ways.empty()) return ways;
    const StorePlan least = ways.front().plan;
    std::vector<std::uint64_t> disks = settings_.disk_bytes;
    if (disks.empty()) disks = {share(stored_bytes, 2), 2 * share(stored_bytes, 1)};
    for (const std::uint64_t bytes : disks) {
      if (bytes == 0) continue;
      StorePlan with_disk = least;
      with_disk.disk_bytes = bytes;
      ways.push_back({std::format("memory {} + disk {}", format_bytes(least.memory_bytes), format_bytes(bytes)),
                      all_levels, with_disk, &SavingsFindings::tiers});
    }
    if (settings_.nodes > 1) add_nodes(ways, least);
    return ways;
  }

 private:
  void add_nodes(std::vector<Way>& ways, StorePlan nodes) const {
    nodes.nodes = settings_.nodes;
    const std::string name = std::format("{} nodes, memory {} each", nodes.nodes, format_bytes(nodes.memory_bytes));
    ways.push_back({name, all_levels, nodes, &SavingsFindings::tiers});
    nodes.shared = true;
    ways.push_back({name + " + shared tier", all_levels, nodes, &SavingsFindings::tiers});
  }

  StorePlan plan(std::uint64_t memory_bytes) const {
    return {.memory_bytes = memory_bytes, .policy = settings_.policy, .disk = disk_, .network = network_};
  }

  static std::uint64_t share(std::uint64_t bytes, std::uint64_t part) {
    return std::max(least_memory, std::bit_ceil(std::max<std::uint64_t>(bytes / part, 1)));
  }

  const AuditSettings& settings_;
  const ModelCosts& costs_;
  TierTime disk_ = usual_disk, network_ = usual_network;
};

SavingsRow row_of(const Way& way, const WayOutcome& outcome, double requests, const AuditPrices& prices) {
  SavingsRow row{.name = way.name,
                 .embedding = way.on.embedding,
                 .prefix = way.on.prefix,
                 .response = way.on.response,
                 .memory_bytes = way.plan.memory_bytes,
                 .disk_bytes = way.plan.disk_bytes,
                 .shared_bytes = way.plan.shared ? UINT64_MAX : 0,
                 .nodes = way.plan.nodes};
  row.mean_ms = outcome.total_ms / requests;
  row.factor = outcome.total_ms > 0 ? outcome.baseline_ms / outcome.total_ms : 1;
  row.saved_ms = outcome.baseline_ms - outcome.total_ms;
  row.prompt_tokens_saved = outcome.prompt_tokens_saved;
  row.picture_tokens_saved = outcome.picture_tokens_saved;
  row.answer_tokens_saved = outcome.answer_tokens_saved;
  row.lookups = outcome.lookups;
  row.hits = outcome.hits;
  row.tier_hits = outcome.tier_hits;
  row.evictions = outcome.evictions;
  if (prices.per_hour) row.machine_money = row.saved_ms / ms_per_hour * *prices.per_hour;
  if (prices.per_million_prompt_tokens || prices.per_million_answer_tokens)
    row.token_money = (row.prompt_tokens_saved * prices.per_million_prompt_tokens.value_or(0) +
                       row.answer_tokens_saved * prices.per_million_answer_tokens.value_or(0)) /
                      1e6;
  return row;
}

// Runs the ways, some at a time. Progress is told by the calling thread alone.
std::vector<WayOutcome> replayed(const std::vector<Way>& ways, const WayTrace& trace, const ModelCosts& costs,
                                 const TokenFit& fit, const Progress& progress) {
  std::vector<WayOutcome> outcomes(ways.size());
  std::atomic<std::size_t> next = 0, done = 0;
  const auto work = [&](const Progress& told) {
    for (std::size_t i = next++; i < ways.size(); i = next++) {
      outcomes[i] = replay_way(trace, costs, fit, ways[i].on, ways[i].plan);
      report_progress(told, static_cast<double>(++done) / static_cast<double>(ways.size()));
    }
  };
  const std::uint32_t keys = trace.answer_keys() + trace.picture_keys() + trace.prefix_keys();
  const unsigned fitting = std::clamp(keys_side_by_side_max / std::max(keys, 1U), 1U, threads_max);
  const unsigned threads = std::clamp(std::thread::hardware_concurrency(), 1U, fitting);
  {
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < threads; ++i) others.emplace_back([&work] { work({}); });
    work(progress);
  }
  report_progress(progress, 1);
  return outcomes;
}

std::vector<std::string> assumptions(const AuditSettings& settings, const ModelCosts& costs) {
  const LoadTimes& load = settings.profile.models.front().load;
  constexpr std::string_view baseline =
      "The baseline computes every request whole, one after another: a server that caches prompts already saves a "
      "part of this.";
  std::vector<std::string> said = {
      std::string(baseline),
      std::format("The profile's pictures have {} x {} pixels; larger ones are taken to have more tiles of that size.",
                  load.width, load.height),
      "Prefixes end behind pictures, at the ends of conversations, and where a prompt leaves the earlier ones.",
      "Tiles of a changed picture that stayed the same are counted under what came again, and not under what is saved.",
      "Importances are not known from a log: policies that go by them see recency alone."};
  if (!costs.has_states()) said.emplace_back("This model keeps no prefixes.");
  const bool measured = !settings.profile.tiers.empty();
  said.emplace_back(measured
                        ? "Disk and shared tier take what the profile measured of them."
                        : "The profile measured no tiers: a disk takes 0.2 ms and 1 GB/s, a shared tier 0.5 ms and "
                          "0.1 GB/s.");
  if (settings.nodes > 1) said.emplace_back("Requests come to the nodes in turn.");
  return said;
}

}  // namespace

SavingsFindings savings_of(const WayTrace& trace, const AuditSettings& settings, const TokenFit& fit,
                           const Progress& progress) {
  const ModelTimes& model = settings.profile.models.front();
  const ModelCosts costs(model);
  const Ways ways(settings, costs);
  SavingsFindings savings{.profile = settings.profile_name,
                          .machine = settings.profile.machine,
                          .model = model.name,
                          .policy = std::string(to_string(settings.policy)),
                          .requests = trace.requests().size(),
                          .complete = trace.complete(),
                          .prices = settings.prices,
                          .assumptions = assumptions(settings, costs)};
  const auto requests = static_cast<double>(savings.requests);
  // Ways without a bound take a tenth of the time.
  const auto part = [&](double begin, double share) {
    return [&progress, begin, share](double fraction) { report_progress(progress, begin + share * fraction); };
  };
  const auto add = [&](const std::vector<Way>& all, const Progress& told) {
    const std::vector<WayOutcome> outcomes = replayed(all, trace, costs, fit, told);
    for (const auto& [way, outcome] : std::views::zip(all, outcomes))
      (savings.*way.table).push_back(row_of(way, outcome, requests, settings.prices));
    return outcomes.back();
  };
  const WayOutcome most = add(ways.levels(), part(0, 0.1));
  savings.baseline_ms = most.baseline_ms;
  savings.baseline_mean_ms = most.baseline_ms / requests;
  savings.working_set_bytes = most.stored_bytes;
  const auto stored = std::accumulate(most.stored_bytes.begin(), most.stored_bytes.end(), std::uint64_t{0});
  if (const auto bounded = ways.bounded(stored); !bounded.empty()) add(bounded, part(0.1, 0.9));
  return savings;
}

}  // namespace fovea
