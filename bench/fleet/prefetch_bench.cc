// prefetch_bench: what SuccessorTable predicts on the recipes with sessions, at virtual time, counted
// strictly by PrefetchAccount.
//
//   prefetch_bench [--memory PERCENT] [--seeds N] [--rate PER_S] [--policy NAME] [RECIPE...]
//
// One node answers the requests of a recipe, which come by a Poisson process. Its memory has room for a share
// of all bytes of pictures, under a real policy; behind it is a tier that keeps everything. What memory lacks
// is fetched from the tier at the link's speed, or encoded if nobody asked for it before. A predicted picture
// is moved when the node computes nothing, one at a time.
//
// Each recipe has four lines: the table; the table where all requests come from one session, as without a
// name for it; a threshold alone (what followed in any session at least twice, and in half of all cases); and
// what is fetched without any of it. Numbers are sums over the seeds.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>
#include <format>
#include <map>
#include <memory>
#include <optional>
#include <print>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "cache/exact_cache.h"
#include "cache/policies.h"
#include "prefetch/kept_time.h"
#include "prefetch/prefetch_account.h"
#include "prefetch/successor_table.h"
#include "workload/arrivals.h"
#include "workload/workload.h"

namespace {

using namespace fovea;

constexpr double wait_ms = 20;           // of a link for anything
constexpr double bytes_per_ms = 12'500;  // 100 Mbit/s
constexpr double answer_ms = 300;        // computing, besides what has to be fetched or encoded
constexpr std::size_t queue_max = 64;    // predictions that wait for their move
constexpr double queued_max_ms = 30'000;

class VirtualClock final : public Clock {
 public:
  double now_ms() const override { return now; }
  double now = 0;
};

enum class Predictor : std::uint8_t { table, one_session, threshold, none };

Key numbered(std::uint32_t number) { return KeyBuilder("fovea/prefetch-bench").field(number).finish(); }

// Predicts what followed a picture at least twice, in any session, and in half of all cases.
class Threshold {
 public:
  std::vector<std::uint32_t> asked(std::uint32_t session, std::uint32_t picture) {
    auto& last = last_[session];
    if (last == picture) return {};
    if (last) ++followed_[*last][picture];
    last = picture;
    const auto& next = followed_[picture];
    std::uint32_t all = 0;
    for (const auto& [other, seen] : next) all += seen;
    std::vector<std::uint32_t> predicted;
    for (const auto& [other, seen] : next) {
      if (seen >= 2 && 2 * seen >= all) predicted.push_back(other);
    }
    return predicted;
  }

 private:
  std::map<std::uint32_t, std::optional<std::uint32_t>> last_;
  std::map<std::uint32_t, std::map<std::uint32_t, std::uint32_t>> followed_;
};

struct Load {
  const Workload& workload;
  std::vector<AskedQuestion> asked;
  std::vector<double> arrivals_ms;
  Trace trace;
  std::uint32_t pictures = 0;
};

class Node {
 public:
  Node(const Load& load, PolicyKind policy, std::uint64_t bytes_max, Predictor predictor)
      : load_(load),
        predictor_(predictor),
        memory_(make_policy(policy), bytes_max, load.pictures),
        on_tier_(load.pictures, false),
        bytes_(load.pictures, 0),
        encode_ms_(load.pictures, 0),
        table_({}, clock_),
        account_(table_, clock_) {
    for (std::size_t i = 0; i < load.asked.size(); ++i) {
      const Lookup& embedding = load.trace.lookups[2 * i + 1];
      bytes_[load.asked[i].picture] = embedding.size;
      encode_ms_[load.asked[i].picture] = embedding.cost_ms;
    }
    for (std::uint32_t picture = 0; picture < load.pictures; ++picture) {
      keys_.push_back(numbered(picture));
      number_of_.emplace(keys_.back(), picture);
    }
  }

  PrefetchCounts run() {
    for (std::size_t i = 0; i < load_.asked.size(); ++i) {
      move_until(load_.arrivals_ms[i]);
      clock_.now = load_.arrivals_ms[i];
      answer(load_.asked[i]);
    }
    move_until(load_.arrivals_ms.back() + 1e6);
    clock_.now = load_.arrivals_ms.back() + 1e6;
    account_.end_old([](const Key&) { return true; });
    return account_.counts();
  }
  double waited_ms() const { return waited_ms_; }

 private:
  struct Queued {
    std::uint64_t number;
    std::uint32_t picture;
    double since_ms;
  };
  struct Moving {
    Queued prediction;
    double over_ms;
  };

  double transfer_ms(std::uint32_t picture) const {
    return wait_ms + static_cast<double>(bytes_[picture]) / bytes_per_ms;
  }

  void keep(std::uint32_t picture) {
    memory_.insert(picture, {.size = bytes_[picture], .cost_ms = encode_ms_[picture]});
  }

  // Everything that moves between the last request and `until_ms`.
  void move_until(double until_ms) {
    for (;;) {
      if (moving_) {
        if (moving_->over_ms > until_ms) return;
        clock_.now = moving_->over_ms;
        end_move();
        continue;
      }
      if (queue_.empty()) return;
      const Queued next = queue_.front();
      const double begin_ms = std::max(clock_.now, busy_until_ms_);
      if (begin_ms >= until_ms) return;
      queue_.pop_front();
      clock_.now = begin_ms;
      if (memory_.contains(next.picture) || begin_ms > next.since_ms + queued_max_ms) {
        account_.dropped(next.number);
        continue;
      }
      account_.began(next.number, scope_, keys_[next.picture]);
      moving_ = Moving{next, begin_ms + transfer_ms(next.picture)};
    }
  }

  void end_move() {
    const Queued done = moving_->prediction;
    moving_.reset();
    if (!memory_.contains(done.picture)) keep(done.picture);
    account_.moved(done.number, {{keys_[done.picture], bytes_[done.picture]}});
  }

  void answer(const AskedQuestion& asked) {
    const std::uint32_t picture = asked.picture;
    std::optional<TierKind> found_in;
    double takes_ms = answer_ms;
    if (memory_.find(picture)) {
      found_in = TierKind::memory;
    } else if (on_tier_[picture]) {
      found_in = TierKind::shared;
      takes_ms += transfer_ms(picture);
      waited_ms_ += transfer_ms(picture);
    } else {
      takes_ms += encode_ms_[picture];
    }
    busy_until_ms_ = std::max(busy_until_ms_, clock_.now) + takes_ms;
    const PrefetchAccount::LookedUp looked_up{keys_[picture], found_in};
    account_.asked(scope_, std::span(&keys_[picture], 1), std::span(&looked_up, 1), clock_.now);
    on_tier_[picture] = true;
    if (!memory_.contains(picture)) keep(picture);
    predict(asked);
  }

  void predict(const AskedQuestion& asked) {
    if (predictor_ == Predictor::none) return;
    const double kept_ms = kept_.observe(memory_.entries(), memory_.evictions(), clock_.now);
    table_.set_times(wait_ms + 2e6 / bytes_per_ms, kept_ms);
    account_.end_old([this](const Key& key) { return memory_.contains(number_of_.at(key)); });
    if (predictor_ == Predictor::threshold) {
      for (const std::uint32_t next : threshold_.asked(asked.session, asked.picture)) {
        const std::uint64_t number = ++threshold_numbers_;
        if (!memory_.contains(next) && on_tier_[next] && !is_queued(next)) enqueue(number, next);
      }
      return;
    }
    const Key session = predictor_ == Predictor::one_session ? Key{} : numbered(asked.session);
    const auto movable = [this](const Key& key) {
      const std::uint32_t number = number_of_.at(key);
      return on_tier_[number] && !memory_.contains(number);
    };
    for (const auto& next : table_.asked(scope_, session, std::span(&keys_[asked.picture], 1), movable))
      enqueue(next.number, number_of_.at(next.picture));
  }

  bool is_queued(std::uint32_t picture) const {
    return (moving_ && moving_->prediction.picture == picture) ||
           std::ranges::contains(queue_, picture, &Queued::picture);
  }

  void enqueue(std::uint64_t number, std::uint32_t picture) {
    queue_.push_back({number, picture, clock_.now});
    if (queue_.size() <= queue_max) return;
    account_.dropped(queue_.front().number);
    queue_.pop_front();
  }

  const Load& load_;
  const Predictor predictor_;
  VirtualClock clock_;
  ExactCache memory_;
  std::vector<bool> on_tier_;
  std::vector<std::uint64_t> bytes_;
  std::vector<double> encode_ms_;
  std::vector<Key> keys_;
  std::unordered_map<Key, std::uint32_t, KeyHash> number_of_;
  const Key scope_ = KeyBuilder("fovea/prefetch-bench/scope").finish();
  SuccessorTable table_;
  PrefetchAccount account_;
  KeptTime kept_;
  Threshold threshold_;
  std::uint64_t threshold_numbers_ = 0;
  std::deque<Queued> queue_;
  std::optional<Moving> moving_;
  double busy_until_ms_ = 0;
  double waited_ms_ = 0;
};

Load load_of(const Workload& workload, double rate_per_s, std::uint64_t seed) {
  Load load{workload, generate_questions(workload, seed), poisson_arrivals(rate_per_s, workload.requests, seed),
            generate_trace(workload, seed)};
  for (const AskedQuestion& asked : load.asked) load.pictures = std::max(load.pictures, asked.picture + 1);
  return load;
}

std::uint64_t bytes_of(const Load& load) {
  std::map<std::uint32_t, std::uint64_t> bytes;
  for (std::size_t i = 0; i < load.asked.size(); ++i) bytes[load.asked[i].picture] = load.trace.lookups[2 * i + 1].size;
  std::uint64_t sum = 0;
  for (const auto& [picture, size] : bytes) sum += size;
  return sum;
}

void add(PrefetchCounts& sum, const PrefetchCounts& counts) {
  sum.issued += counts.issued;
  sum.used += counts.used;
  sum.late += counts.late;
  sum.wasted += counts.wasted;
  sum.dropped += counts.dropped;
  sum.tried += counts.tried;
  sum.waited += counts.waited;
  sum.bytes += counts.bytes;
  sum.used_bytes += counts.used_bytes;
  sum.wasted_bytes += counts.wasted_bytes;
}

void print_recipe(const Workload& workload, double memory_share, double rate_per_s, int seeds, PolicyKind policy) {
  constexpr std::array<std::pair<Predictor, const char*>, 4> predictors = {{{Predictor::table, "table"},
                                                                            {Predictor::one_session, "no session"},
                                                                            {Predictor::threshold, "threshold"},
                                                                            {Predictor::none, "none"}}};
  std::array<PrefetchCounts, 4> sums;
  std::array<double, 4> waited_ms{};
  for (int seed = 1; seed <= seeds; ++seed) {
    const Load load = load_of(workload, rate_per_s, static_cast<std::uint64_t>(seed));
    const auto bytes = static_cast<std::uint64_t>(memory_share * static_cast<double>(bytes_of(load)));
    for (std::size_t i = 0; i < predictors.size(); ++i) {
      Node node(load, policy, bytes, predictors[i].first);
      add(sums[i], node.run());
      waited_ms[i] += node.waited_ms();
    }
  }
  for (std::size_t i = 0; i < predictors.size(); ++i) {
    const PrefetchCounts& counts = sums[i];
    std::println("| {} | {} | {} | {} | {} | {} | {:.2f} | {:.2f} | {:.0f} | {:.0f} | {} | {:.0f} |", workload.name,
                 predictors[i].second, counts.issued, counts.used, counts.late, counts.wasted, counts.precision(),
                 counts.coverage(), static_cast<double>(counts.bytes) / 1e6,
                 static_cast<double>(counts.wasted_bytes) / 1e6, counts.waited, waited_ms[i] / 1000);
  }
}

}  // namespace

int main(int argc, char** argv) {
  double memory_percent = 20;
  double rate_per_s = 1;
  int seeds = 3;
  std::string policy_name(to_string(default_policy));
  std::vector<std::string> recipes;
  CLI::App app("What is predicted of the recipes with sessions, counted strictly");
  app.add_option("--memory", memory_percent, "Room in memory, percent of all pictures' bytes")
      ->check(CLI::Range(0.1, 100.0))
      ->capture_default_str();
  app.add_option("--rate", rate_per_s, "Requests a second")->check(CLI::Range(0.001, 1000.0))->capture_default_str();
  app.add_option("--seeds", seeds, "Seeds of each recipe")->check(CLI::Range(1, 1000))->capture_default_str();
  app.add_option("--policy", policy_name, "The policy of memory")->capture_default_str();
  app.add_option("RECIPE", recipes, "Files of recipes with sessions; none: those of samples/workloads");
  CLI11_PARSE(app, argc, argv);
  const auto policy = policy_kind_of(policy_name);
  if (!policy) {
    std::println(stderr, "{}", policy.error().message);
    return 2;
  }
  if (recipes.empty()) {
    for (const char* name : {"pages", "camera-tour", "catalogue", "one-off", "no-order", "broken-order"})
      recipes.push_back(std::format(FOVEA_SOURCE_DIR "/samples/workloads/{}.json", name));
  }
  std::println("Memory for {} % of the bytes, policy {}, {} requests a second, {} seeds", memory_percent, policy_name,
               rate_per_s, seeds);
  std::println(
      "\n| recipe | predicted by | issued | used | late | wasted | precision | coverage | MB moved | "
      "MB wasted | waits left | s waited |");
  std::println("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
  for (const std::string& path : recipes) {
    const auto workload = read_workload(path);
    if (!workload) {
      std::println(stderr, "{}", workload.error().message);
      return 2;
    }
    print_recipe(*workload, memory_percent / 100, rate_per_s, seeds, *policy);
  }
  return 0;
}
