// cache_bench: what a hit costs, on one thread and on several, compared with a cache that one would write
// oneself and with one from a library. Every ratio is between numbers of this run.
//
//   cache_bench [--entries=N] [--benchmark_...=...]
//   cache_bench --callgrind-hits=N --cache=NAME [--entries=N]     only N hits of one cache, for callgrind.sh
//
// hit      Zipf-distributed hits in a full cache of small values, drawn beforehand; the value is held, not
// read hot      all threads hit the same key mixed    finds, and an insert after each miss, with room for a
// tenth of the keys blob     inserts that evict, of 2 MiB values, prepared or made in the loop; `bare` makes
// and frees without a cache
//
// With a million entries a hit mostly waits for memory, and a fifth of that for address translation.
// GLIBC_TUNABLES=glibc.malloc.hugetlb=1 lets malloc ask for huge pages, for all caches alike. The
// configuration says whether it was set. Repetitions of all benchmarks are interleaved at random, so that a
// slow minute of the machine affects all alike.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <format>
#include <fstream>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <print>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "baselines/locked_lru.h"
#include "baselines/tbb_lru.h"
#include "fovea/level.h"
#include "key_sequence.h"
#include "ratio_table.h"

namespace {

using namespace fovea;
using namespace fovea::bench;

constexpr std::size_t value_bytes = 64;
constexpr double skew = 1.0;
constexpr std::size_t draws = std::size_t{1} << 21;  // some 256,000 different keys of a million
constexpr std::uint64_t seed = 20260;
constexpr std::size_t mixed_share = 10;  // the mixed run has room for one key in ten

constexpr std::size_t blob_bytes = 2u << 20;
constexpr std::size_t blobs_kept = 32;
constexpr std::size_t blob_keys = 2 * blobs_kept;  // used in a circle, so that each insert evicts

Blob small_value(const Key& key) {
  return Blob::filled(value_bytes, [&](std::span<std::byte> out) {
    std::memcpy(out.data(), key.bytes.data(), std::min(value_bytes, key.bytes.size()));
    std::ranges::fill(out.subspan(std::min(value_bytes, key.bytes.size())), std::byte{0});
  });
}

double cost_of(const Key& key) { return 1 + static_cast<double>(key.bits() % 1000); }

// The caches behind one interface. hit() says whether the key was there, and holds its value for a moment.
// hit_or_make() stores a value if it was not there.
struct LevelTarget {
  LevelTarget(PolicyKind policy, std::size_t entries_max)
      : level({.bytes_max = entries_max * (value_bytes + Level::entry_overhead_bytes), .policy = policy}) {}

  bool hit(const Key& key) {
    const std::optional<LevelHit> found = level.find(key);
    if (found) benchmark::DoNotOptimize(found->value.bytes().data());
    return found.has_value();
  }
  bool hit_or_make(const Key& key) {
    if (hit(key)) return true;
    level.insert(key, small_value(key), cost_of(key));
    return false;
  }

  Level level;
};

struct LockedTarget {
  explicit LockedTarget(std::size_t entries_max) : cache(entries_max * value_bytes) {}

  bool hit(const Key& key) {
    const std::optional<Blob> found = cache.find(key);
    if (found) benchmark::DoNotOptimize(found->bytes().data());
    return found.has_value();
  }
  bool hit_or_make(const Key& key) {
    if (hit(key)) return true;
    cache.insert(key, small_value(key));
    return false;
  }

  LockedLru cache;
};

struct TbbTarget {
  explicit TbbTarget(std::size_t entries_max) : cache(small_value, entries_max) {}

  bool hit(const Key& key) {
    return cache.find_or_make(key, [](const Blob& value) { benchmark::DoNotOptimize(value.bytes().data()); });
  }
  bool hit_or_make(const Key& key) { return hit(key); }

  TbbLru cache;
};

// A cache that is made and warmed when the first benchmark needs it, and kept for the others.
template <typename Target>
class Warmed {
 public:
  Warmed(std::function<std::unique_ptr<Target>()> make, std::span<const Key> warmth)
      : make_(std::move(make)), warmth_(warmth) {}

  Target& get() {
    std::call_once(once_, [&] {
      target_ = make_();
      for (const Key& key : warmth_) target_->hit_or_make(key);
    });
    return *target_;
  }

 private:
  std::function<std::unique_ptr<Target>()> make_;
  std::span<const Key> warmth_;
  std::once_flag once_;
  std::unique_ptr<Target> target_;
};

struct Keys {
  explicit Keys(std::size_t entries, std::size_t length) : all(random_keys(entries, seed)) {
    asked = zipf_sequence(all, skew, length, seed + 1);
    hot = {all[0]};
    // Filled in another order than that of rank: otherwise the most popular keys would lie together in
    // memory.
    std::shuffle(all.begin(), all.end(), std::mt19937_64(seed + 2));
  }

  std::vector<Key> all, asked, hot;
};

// The position of each thread of a benchmark in the sequence that all go round. It is kept from one
// repetition to the next: otherwise each would use the same few keys again.
class Walk {
 public:
  static constexpr int threads_max = 4;

  explicit Walk(std::span<const Key> sequence) : sequence_(sequence) {
    for (std::size_t i = 0; i < threads_max; ++i) places_[i] = sequence.size() / threads_max * i;
  }

  // Calls `use(key)` once for each iteration of `state`, on one of its threads.
  template <typename Use>
  void run(benchmark::State& state, Use&& use) {
    std::size_t& kept = places_[static_cast<std::size_t>(state.thread_index())];
    std::size_t at = kept;
    for (auto _ : state) {
      use(sequence_[at]);
      if (++at == sequence_.size()) at = 0;
    }
    kept = at;
    state.SetItemsProcessed(state.iterations());
  }

 private:
  std::span<const Key> sequence_;
  std::array<std::size_t, threads_max> places_;
};

template <typename Target>
void run_hits(benchmark::State& state, Warmed<Target>& cache, Walk& walk) {
  Target& target = cache.get();
  bool all_hit = true;
  walk.run(state, [&](const Key& key) { all_hit &= target.hit(key); });
  if (!all_hit) state.SkipWithError("a key that was stored was not found");
}

template <typename Target>
void run_mixed(benchmark::State& state, Warmed<Target>& cache, Walk& walk) {
  Target& target = cache.get();
  std::uint64_t hits = 0;
  walk.run(state, [&](const Key& key) { hits += target.hit_or_make(key); });
  const double ratio = static_cast<double>(hits) / static_cast<double>(state.iterations());
  state.counters["hit_ratio"] = benchmark::Counter(ratio, benchmark::Counter::kAvgThreads);
}

// Registers all runs of one cache. `make` gives a cache with room for a number of entries.
template <typename Target>
void add_cache(const std::string& name, const Keys& keys, std::function<std::unique_ptr<Target>(std::size_t)> make) {
  const std::size_t entries = keys.all.size();
  auto full = std::make_shared<Warmed<Target>>([=] { return make(entries); }, keys.all);
  auto tight = std::make_shared<Warmed<Target>>([=] { return make(entries / mixed_share); }, keys.asked);
  const auto add = [&](const std::string& run, std::span<const Key> sequence, std::initializer_list<int> threads,
                       auto body) {
    auto walk = std::make_shared<Walk>(sequence);
    auto* added = benchmark::RegisterBenchmark(run + "/" + name, [=](benchmark::State& state) { body(state, *walk); });
    for (const int count : threads) added->UseRealTime()->Threads(count);
  };
  add("hit", keys.asked, {1, 2, 4}, [full](benchmark::State& state, Walk& walk) { run_hits(state, *full, walk); });
  add("hot", keys.hot, {1, 2}, [full](benchmark::State& state, Walk& walk) { run_hits(state, *full, walk); });
  add("mixed", keys.asked, {1, 2}, [tight](benchmark::State& state, Walk& walk) { run_mixed(state, *tight, walk); });
}

std::string level_name(PolicyKind policy) { return std::format("level-{}", to_string(policy)); }

std::vector<PolicyKind> measured_policies() {
  std::vector<PolicyKind> policies = {default_policy};
  for (const PolicyKind policy : {PolicyKind::lru, PolicyKind::sieve}) {
    if (policy != default_policy) policies.push_back(policy);
  }
  return policies;
}

Blob made_blob() {
  return Blob::filled(blob_bytes, [](std::span<std::byte> out) { std::memset(out.data(), 'f', out.size()); });
}

// Calls `insert(key, value)` round a circle of keys, with values from `value(index)`.
template <typename Insert, typename Value>
void run_blobs(benchmark::State& state, Insert&& insert, Value&& value) {
  const std::vector<Key> keys = random_keys(blob_keys, seed);
  std::size_t at = 0;
  bool all_stored = true;
  for (auto _ : state) {
    all_stored &= insert(keys[at], value(at));
    at = (at + 1) % blob_keys;
  }
  if (!all_stored) state.SkipWithError("a value was not stored");
  state.SetItemsProcessed(state.iterations());
}

// `cache(insert)` makes a cache and calls its argument with the cache's way to insert.
template <typename Cache>
void add_blobs(const std::string& name, Cache cache) {
  benchmark::RegisterBenchmark(
      "blob/prepared/" + name,
      [cache](benchmark::State& state) {
        std::vector<Blob> prepared(blob_keys);
        std::ranges::generate(prepared, made_blob);
        cache([&](auto insert) { run_blobs(state, insert, [&](std::size_t at) { return prepared[at]; }); });
      })
      ->UseRealTime()
      ->Threads(1);
  benchmark::RegisterBenchmark(
      "blob/made/" + name,
      [cache](benchmark::State& state) {
        cache([&](auto insert) { run_blobs(state, insert, [](std::size_t) { return made_blob(); }); });
      })
      ->UseRealTime()
      ->Threads(1);
}

void add_all_blobs() {
  add_blobs(level_name(PolicyKind::lru), [](auto use) {
    Level level({.bytes_max = blobs_kept * (blob_bytes + Level::entry_overhead_bytes), .policy = PolicyKind::lru});
    use([&](const Key& key, Blob value) { return level.insert(key, std::move(value), 1) == Insertion::stored; });
  });
  add_blobs("locked-lru", [](auto use) {
    LockedLru cache(blobs_kept * blob_bytes);
    use([&](const Key& key, Blob value) { return cache.insert(key, std::move(value)); });
  });
  // As many values are alive as in the caches, so that the allocator has the same work.
  add_blobs("bare", [](auto use) {
    std::array<Blob, blobs_kept> ring;
    std::size_t at = 0;
    use([&](const Key&, Blob value) {
      ring[at] = std::move(value);
      at = (at + 1) % blobs_kept;
      return true;
    });
  });
}

void add_benchmarks(const Keys& keys) {
  for (const PolicyKind policy : measured_policies()) {
    add_cache<LevelTarget>(level_name(policy), keys,
                           [=](std::size_t entries_max) { return std::make_unique<LevelTarget>(policy, entries_max); });
  }
  add_cache<LockedTarget>("locked-lru", keys,
                          [](std::size_t entries_max) { return std::make_unique<LockedTarget>(entries_max); });
  add_cache<TbbTarget>("tbb-lru", keys,
                       [](std::size_t entries_max) { return std::make_unique<TbbTarget>(entries_max); });
  add_all_blobs();
}

std::string run_name(std::string_view run, std::string_view cache, int threads) {
  return std::format("{}/{}/real_time/threads:{}", run, cache, threads);
}

const std::string& ours() {
  static const std::string name = level_name(default_policy);
  return name;
}

void print_times(const RatioTable& table) {
  std::println("\nMedians of this run (quartiles): wall time by operations, of all threads together");
  const std::string names[] = {ours(), level_name(PolicyKind::lru), level_name(PolicyKind::sieve), "locked-lru",
                               "tbb-lru"};
  for (const std::string& name : names) {
    for (const int threads : {1, 2, 4}) {
      const double goal_ns = threads == 1 && name == ours() ? 150 : 0;
      table.print_time(std::format("hit, {} thread(s), {}", threads, name), run_name("hit", name, threads), goal_ns);
    }
  }
}

// Each cache with more threads, compared with itself with one.
void print_scaling(const RatioTable& table) {
  std::println("\nThroughput with more threads than one (quartile by quartile, at worst .. at best)");
  for (const std::string& name : {ours(), std::string("locked-lru"), std::string("tbb-lru")}) {
    const bool is_ours = name == ours();
    const auto ratio = [&](std::string_view run, int threads, double goal) {
      table.print_ratio({std::format("{}, {} threads / 1 thread, {}", run, threads, name), run_name(run, name, threads),
                         run_name(run, name, 1), is_ours ? goal : 0});
    };
    ratio("hit", 2, 1.8);
    ratio("hit", 4, 0);
    ratio("hot", 2, 1);
  }
}

void print_beside(const RatioTable& table, const std::string& other) {
  std::println("\nThroughput beside {}", other);
  for (const std::string_view run : {"hit", "hot", "mixed"}) {
    for (const int threads : {1, 2}) {
      const double goal = run == "hit" && other == "tbb-lru" && threads == 2 ? 5 : 0;
      table.print_ratio({std::format("{}, {} thread(s), {} / {}", run, threads, ours(), other),
                         run_name(run, ours(), threads), run_name(run, other, threads), goal});
    }
  }
}

void print_blobs(const RatioTable& table) {
  std::println("\nInserting and evicting values of 2 MiB");
  const std::string lru = level_name(PolicyKind::lru);
  const auto ratio = [&](std::string_view run, const std::string& name, const std::string& than, double goal = 0) {
    table.print_ratio(
        {std::format("{}, {} / {}", run, name, than), run_name(run, name, 1), run_name(run, than, 1), goal});
  };
  ratio("blob/made", lru, "bare", 0.9);
  ratio("blob/made", "locked-lru", "bare");
  ratio("blob/prepared", lru, "locked-lru");
}

struct Settings {
  std::size_t entries = 1'000'000;
  std::size_t callgrind_hits = 0;
  std::string cache;
};

// Takes our own flags out of the arguments; false after an unusable one.
bool take_settings(std::vector<char*>& arguments, Settings& settings) {
  const auto number = [](std::string_view text, std::size_t& into) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
    return error == std::errc() && end == text.data() + text.size() && into > 0;
  };
  bool usable = true;
  std::erase_if(arguments, [&](const char* argument) {
    const std::string_view text = argument;
    if (text.starts_with("--entries=")) return usable &= number(text.substr(10), settings.entries), true;
    if (text.starts_with("--callgrind-hits=")) return usable &= number(text.substr(17), settings.callgrind_hits), true;
    if (text.starts_with("--cache=")) return settings.cache = text.substr(8), true;
    return false;
  });
  return usable && settings.entries >= 100;
}

void print_configuration(const Settings& settings) {
  std::string cpu = "unknown";
  std::ifstream facts("/proc/cpuinfo");
  for (std::string line; std::getline(facts, line);) {
    if (line.starts_with("model name")) cpu = line.substr(line.find(": ") + 2);
  }
  const char* tunables = std::getenv("GLIBC_TUNABLES");
  std::println(
      "cpu {}, {} hardware thread(s); GLIBC_TUNABLES {}; {} keys of 32 bytes, values of {} bytes, Zipf skew {}; policy "
      "{} "
      "unless named",
      cpu, std::thread::hardware_concurrency(), tunables == nullptr ? "not set" : tunables, settings.entries,
      value_bytes, skew, to_string(default_policy));
}

// What callgrind counts, and nothing else: bench/callgrind.sh names this function.
template <typename Target>
[[gnu::noinline]] std::size_t counted_hits(Target& target, std::span<const Key> sequence) {
  std::size_t hits = 0;
  for (const Key& key : sequence) hits += target.hit(key);
  return hits;
}

template <typename Target>
int count_hits(Target&& target, const Keys& keys) {
  for (const Key& key : keys.all) target.hit_or_make(key);
  const bool all_hit = counted_hits(target, keys.asked) == keys.asked.size();
  if (!all_hit) std::println(stderr, "cache_bench: a key that was stored was not found");
  return all_hit ? 0 : 1;
}

int count_hits_of(const Settings& settings) {
  const Keys keys(settings.entries, settings.callgrind_hits);
  if (settings.cache == "locked-lru") return count_hits(LockedTarget(settings.entries), keys);
  if (settings.cache == "tbb-lru") return count_hits(TbbTarget(settings.entries), keys);
  for (const PolicyKind policy : all_policies()) {
    if (settings.cache == level_name(policy)) return count_hits(LevelTarget(policy, settings.entries), keys);
  }
  std::println(stderr, "cache_bench: --cache={} is unknown; use locked-lru, tbb-lru, or level- and a policy's name",
               settings.cache);
  return 2;
}

int run_benchmarks(const Settings& settings, std::vector<char*> arguments) {
  // Before the caller's arguments, which therefore win.
  std::string defaults[] = {"--benchmark_repetitions=9", "--benchmark_enable_random_interleaving=true",
                            "--benchmark_min_time=0.1s"};
  for (std::string& text : defaults) arguments.insert(arguments.begin() + 1, text.data());
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return 2;
  print_configuration(settings);
  const Keys keys(settings.entries, draws);
  add_benchmarks(keys);
  RatioTable table;
  benchmark::RunSpecifiedBenchmarks(&table);
  print_times(table);
  print_scaling(table);
  for (const std::string& other : {std::string("locked-lru"), std::string("tbb-lru")}) print_beside(table, other);
  print_blobs(table);
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  std::vector<char*> rest(arguments, arguments + count);
  Settings settings;
  if (!take_settings(rest, settings)) {
    std::println(stderr, "cache_bench: --entries and --callgrind-hits need a number; at least 100 entries");
    return 2;
  }
  return settings.callgrind_hits > 0 ? count_hits_of(settings) : run_benchmarks(settings, std::move(rest));
}
