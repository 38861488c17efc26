// The concurrency checker. Many threads do everything that a level can do, at random, on few keys and under
// tiny budgets, and record what they saw. Every value is checked when it is read and again later. The history
// of every key must have one order that explains it.
//
// FOVEA_SEED repeats the random choices of a run (not its interleaving). The seed is printed with every
// fault.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <format>
#include <memory>
#include <mutex>
#include <optional>
#include <print>
#include <random>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/sanitized.h"
#include "cache/key_history.h"
#include "cache/marked_value.h"
#include "fovea/level.h"

namespace fovea {
namespace {

using test::KeyEvent;
using test::Mark;
using test::mark_of;
using test::MarkedValue;
using test::PinHold;
using test::sanitized;
using Kind = KeyEvent::Kind;

constexpr int thread_count = 8;  // more than the cores of the machines that test
constexpr std::uint32_t key_count = 40;
constexpr std::size_t words_max = 200;
// Room for a dozen entries or so: nearly every insert evicts.
constexpr std::uint64_t budget_bytes = 12'000;
constexpr std::size_t kept_max = 8;                     // values that a thread keeps, to check them again
constexpr std::size_t faults_max = 5;                   // further ones would add nothing
constexpr int long_steps = sanitized ? 2'000 : 25'000;  // a thread's, in each trial of the long test
constexpr int short_steps = sanitized ? 500 : 4'000;

class ManualClock final : public Clock {
 public:
  double now_ms() const override { return now_; }
  void advance(double ms) { now_ += ms; }

 private:
  std::atomic<double> now_ = 1000;
};

// Collects faults from any thread.
class Faults {
 public:
  void add(std::string fault) {
    const std::lock_guard lock(mutex_);
    if (faults_.size() < faults_max) faults_.push_back(std::move(fault));
  }
  const std::vector<std::string>& all() const { return faults_; }

 private:
  std::mutex mutex_;
  std::vector<std::string> faults_;
};

struct TrialOptions {
  PolicyKind policy = default_policy;
  int levels = 1;        // more than one share a budget
  bool resizes = false;  // without resizes the budget must hold at every moment
  int steps = short_steps;
  unsigned seed = 1;
};

// The levels under test, and everything that the threads of a trial share.
struct Trial {
  explicit Trial(const TrialOptions& chosen) : options(chosen) {
    if (options.levels == 1) {
      levels.push_back(
          std::make_unique<Level>(LevelOptions{.bytes_max = budget_bytes, .policy = options.policy, .clock = &clock}));
      return;
    }
    budget = Budget::make({.bytes_max = budget_bytes, .policy = options.policy, .clock = &clock});
    for (int i = 0; i < options.levels; ++i) levels.push_back(std::make_unique<Level>(budget));
  }

  // The owner of a value: its level and its key in one number.
  std::uint64_t owner_of(std::size_t level, std::uint32_t key) const { return level * key_count + key; }
  std::size_t owners() const { return static_cast<std::size_t>(options.levels) * key_count; }
  // Entries of the other keys are never pinned, so that their expiry is certain.
  static bool may_be_pinned(std::uint32_t key) { return key % 2 == 0; }

  const TrialOptions options;
  ManualClock clock;
  std::shared_ptr<Budget> budget;
  std::vector<std::unique_ptr<Level>> levels;
  std::vector<Key> keys = [] {
    std::vector<Key> made;
    for (std::uint32_t i = 0; i < key_count; ++i) made.push_back(KeyBuilder("checker").field(i).finish());
    return made;
  }();
  std::atomic<std::uint64_t> stamps = 1;
  std::atomic<std::uint64_t> versions = 1;
  std::vector<std::atomic<int>> computing = std::vector<std::atomic<int>>(owners());
  Faults faults;
};

struct OwnedEvent {
  std::uint64_t owner;
  KeyEvent event;
};

struct OwnedHold {
  std::uint64_t owner;
  PinHold hold;
};

// One thread of a trial.
class Worker {
 public:
  Worker(Trial& trial, unsigned seed) : trial_(trial), random_(seed) {}

  void run() {
    for (int step = 0; step < trial_.options.steps; ++step) do_something();
    while (!pins_.empty()) unpin();
    kept_.clear();
  }

  const std::vector<OwnedEvent>& events() const { return events_; }
  const std::vector<OwnedHold>& holds() const { return holds_; }

 private:
  // The key that a step uses.
  struct Place {
    std::size_t level;
    std::uint32_t key;
  };
  struct HeldPin {
    Pin pin;
    std::uint64_t owner, start, end;
  };

  std::uint32_t up_to(std::uint32_t below) { return static_cast<std::uint32_t>(random_()) % below; }
  bool chance(std::uint32_t one_in) { return up_to(one_in) == 0; }
  // Small keys are more frequent, as in real traffic.
  Place somewhere() {
    return {up_to(static_cast<std::uint32_t>(trial_.levels.size())), std::min(up_to(key_count), up_to(key_count))};
  }
  std::uint64_t owner_of(const Place& place) const { return trial_.owner_of(place.level, place.key); }
  Level& level_of(const Place& place) { return *trial_.levels[place.level]; }
  const Key& key_of(const Place& place) const { return trial_.keys[place.key]; }
  std::uint64_t stamp() { return trial_.stamps++; }

  void do_something() {
    const Place place = somewhere();
    const std::uint32_t dice = up_to(1000);
    if (dice < 450)
      find(place);
    else if (dice < 640)
      insert(place);
    else if (dice < 740)
      get_or_compute(place);
    else if (dice < 780)
      erase(place);
    else if (dice < 820)
      pin(place);
    else if (dice < 860)
      unpin();
    else if (dice < 900)
      peek(place);
    else if (dice < 930)
      level_of(place).set_importance(key_of(place), static_cast<float>(up_to(11)) / 10);
    else if (dice < 960)
      check_stats(level_of(place));
    else if (dice < 980)
      trial_.clock.advance(up_to(3));
    else if (dice < 990)
      visit_all(place.level);
    else if (dice < 992)
      clear(place.level);
    else if (trial_.options.resizes)
      level_of(place).resize(up_to(4) == 0 ? up_to(2'000) : up_to(16'000));
  }

  void record(const char* call, const Place& place, Kind kind, std::uint64_t version, std::uint64_t start,
              double began_ms = 0) {
    events_.push_back(
        {owner_of(place),
         {.kind = kind, .version = version, .start = start, .end = stamp(), .began_ms = began_ms, .call = call}});
  }

  void fault(const Place& place, std::string_view what) {
    trial_.faults.add(std::format("owner {}: {}", owner_of(place), what));
  }

  // Checks a value that was found at `place` and returns its version. May keep the value to check it again
  // later.
  std::optional<std::uint64_t> checked(const Place& place, const Blob& value) {
    const std::optional<Mark> mark = mark_of(value);
    if (!mark) return fault(place, "a torn value"), std::nullopt;
    if (mark->owner != owner_of(place)) return fault(place, "another key's value"), std::nullopt;
    if (kept_.size() < kept_max) {
      kept_.push_back({value, *mark});
    } else if (chance(4)) {
      auto& [old, was] = kept_[up_to(kept_max)];
      if (mark_of(old) != was) fault(place, "a value changed under its reader");
      old = value;
      was = *mark;
    }
    return mark->version;
  }

  void find(const Place& place) {
    const double began_ms = trial_.clock.now_ms();
    const std::uint64_t start = stamp();
    const std::optional<LevelHit> hit = level_of(place).find(key_of(place));
    if (!hit) return record("find", place, Kind::missed, 0, start);
    record("find", place, Kind::read, 0, start, began_ms);
    events_.back().event.version = checked(place, hit->value).value_or(0);
    if (hit->cost_ms != cost_of(events_.back().event.version)) fault(place, "another version's cost");
  }

  static double cost_of(std::uint64_t version) { return static_cast<double>(1 + version % 100); }

  EntryTerms terms_of(std::uint64_t version) {
    return {.cost_ms = cost_of(version),
            .importance = static_cast<float>(up_to(11)) / 10,
            .ttl_ms = chance(4) ? 1 + up_to(20) : 0.0,
            .tenant = up_to(3),
            .content = up_to(8)};
  }

  Blob new_value(const Place& place, std::uint64_t version) {
    return MarkedValue::make({owner_of(place), version}, MarkedValue::words_min + up_to(words_max));
  }

  // Records the expiry of the last event, a write of an entry with these terms.
  void record_expiry(const EntryTerms& terms) {
    if (terms.ttl_ms > 0) events_.back().event.expires_by_ms = trial_.clock.now_ms() + terms.ttl_ms;
  }

  void insert(const Place& place) {
    const std::uint64_t version = trial_.versions++;
    const EntryTerms terms = terms_of(version);
    const std::uint64_t start = stamp();
    const Insertion done = level_of(place).insert(key_of(place), new_value(place, version), terms);
    record("insert", place, done == Insertion::stored ? Kind::wrote : Kind::removed, version, start);
    record_expiry(terms);
  }

  void get_or_compute(const Place& place) {
    const std::uint64_t version = trial_.versions++;
    const EntryTerms terms = terms_of(version);
    const bool fails = chance(6);
    std::stop_source stop;
    if (chance(8)) stop.request_stop();
    std::uint64_t computed_from = 0;
    const double began_ms = trial_.clock.now_ms();
    const std::uint64_t start = stamp();
    const auto compute = [&]() -> Result<Blob> {
      record("get_or_compute", place, Kind::missed, 0, start);
      computed_from = stamp();
      if (trial_.computing[owner_of(place)]++ != 0) fault(place, "two computations of one key at once");
      if (chance(2)) find({place.level, up_to(key_count)});
      --trial_.computing[owner_of(place)];
      if (fails) return fail(Fault::unavailable, "a planned failure");
      return new_value(place, version);
    };
    const Result<Blob> got = level_of(place).get_or_compute(key_of(place), compute, terms, stop.get_token());
    judge_computed(place, got, computed_from, fails, stop.stop_requested());
    if (!got || (computed_from != 0 && fails)) return;
    const bool computed = computed_from != 0;
    record("get_or_compute", place, computed ? Kind::wrote : Kind::read, version, computed ? computed_from : start,
           began_ms);
    if (computed) record_expiry(terms);
    KeyEvent& event = events_.back().event;
    event.version = checked(place, *got).value_or(0);
    if (computed && event.version != version) fault(place, "its own computation gave another's value");
  }

  // Only the failure of the own computation, or a stop, may end in a fault.
  void judge_computed(const Place& place, const Result<Blob>& got, std::uint64_t computed_from, bool fails,
                      bool stopped) {
    if (computed_from != 0 && got.has_value() == fails) fault(place, "a computation's outcome was not its caller's");
    if (computed_from == 0 && !got && !(stopped && got.error().fault == Fault::cancelled))
      fault(place, "another's failure reached a caller: " + got.error().message);
  }

  void erase(const Place& place) {
    const std::uint64_t start = stamp();
    const bool was_there = level_of(place).erase(key_of(place));
    record("erase", place, was_there ? Kind::removed : Kind::missed, 0, start);
  }

  void clear(std::size_t level) {
    const std::uint64_t start = stamp();
    trial_.levels[level]->clear();
    const std::uint64_t end = stamp();
    for (std::uint32_t key = 0; key < key_count; ++key)
      events_.push_back({trial_.owner_of(level, key),
                         {.kind = Kind::removed, .version = 0, .start = start, .end = end, .call = "clear"}});
  }

  void pin(const Place& place) {
    if (!Trial::may_be_pinned(place.key) || pins_.size() >= 2) return;
    const std::uint64_t start = stamp();
    std::optional<Pin> pin = level_of(place).pin(key_of(place));
    if (!pin) return record("pin", place, Kind::missed, 0, start);
    pins_.push_back({std::move(*pin), owner_of(place), start, stamp()});
  }

  void unpin() {
    if (pins_.empty()) return;
    const HeldPin& oldest = pins_.front();
    holds_.push_back({oldest.owner, {oldest.start, oldest.end, stamp()}});
    pins_.erase(pins_.begin());
  }

  // Asks for the entry without a use of it.
  void peek(const Place& place) {
    const std::uint64_t start = stamp();
    const bool asks = chance(2);
    const bool there =
        asks ? level_of(place).contains(key_of(place)) : level_of(place).importance(key_of(place)).has_value();
    if (!there) record(asks ? "contains" : "importance", place, Kind::missed, 0, start);
  }

  void visit_all(std::size_t level) {
    std::vector<std::pair<Key, Blob>> seen;
    const std::uint64_t start = stamp();
    trial_.levels[level]->for_each([&](const EntryView& view) { seen.emplace_back(view.key, view.value); });
    const std::uint64_t end = stamp();
    for (const auto& [key, value] : seen) {
      const auto number = static_cast<std::uint32_t>(std::ranges::find(trial_.keys, key) - trial_.keys.begin());
      const std::uint64_t version = checked({level, number}, value).value_or(0);
      events_.push_back({trial_.owner_of(level, number),
                         {.kind = Kind::read, .version = version, .start = start, .end = end, .call = "for_each"}});
    }
  }

  void check_stats(Level& level) {
    const LevelStats stats = level.stats();
    // Only pinned entries may stay above a budget that shrank.
    if (stats.bytes > stats.bytes_max && stats.bytes != stats.pinned_bytes)
      trial_.faults.add(
          std::format("{} bytes ({} pinned) in a budget of {}", stats.bytes, stats.pinned_bytes, stats.bytes_max));
    if (stats.bytes < stats.entries * Level::entry_overhead_bytes || stats.pinned_bytes > stats.bytes)
      trial_.faults.add(
          std::format("{} bytes, {} pinned, in {} entries", stats.bytes, stats.pinned_bytes, stats.entries));
    if (trial_.budget && !trial_.options.resizes && trial_.budget->bytes() > budget_bytes)
      trial_.faults.add(std::format("{} bytes in all levels", trial_.budget->bytes()));
  }

  Trial& trial_;
  std::mt19937 random_;
  std::vector<OwnedEvent> events_;
  std::vector<OwnedHold> holds_;
  std::vector<HeldPin> pins_;
  std::vector<std::pair<Blob, Mark>> kept_;
};

// Checks the history of every key, after the threads have ended.
void check_histories(Trial& trial, const std::vector<std::unique_ptr<Worker>>& workers) {
  std::vector<std::vector<KeyEvent>> events(trial.owners());
  std::vector<std::vector<PinHold>> holds(trial.owners());
  for (const auto& worker : workers) {
    for (const OwnedEvent& owned : worker->events()) events[owned.owner].push_back(owned.event);
    for (const OwnedHold& owned : worker->holds()) holds[owned.owner].push_back(owned.hold);
  }
  for (std::size_t owner = 0; owner < trial.owners(); ++owner) {
    const auto add = [&](const std::optional<std::string>& fault) {
      if (fault) trial.faults.add(std::format("owner {}: {}", owner, *fault));
    };
    add(test::order_fault(events[owner]));
    add(test::pin_fault(events[owner], holds[owner]));
    if (!Trial::may_be_pinned(static_cast<std::uint32_t>(owner % key_count))) add(test::expiry_fault(events[owner]));
  }
}

// Checks that no value and no byte is left when all entries are cleared.
void check_nothing_left(Trial& trial) {
  for (const auto& level : trial.levels) level->clear();
  for (const auto& level : trial.levels) {
    const LevelStats stats = level->stats();
    EXPECT_EQ(stats.bytes, 0u);
    EXPECT_EQ(stats.entries, 0u);
    EXPECT_EQ(stats.pinned_bytes, 0u);
    EXPECT_EQ(stats.in_use_bytes, 0u);
  }
  EXPECT_EQ(MarkedValue::alive, 0) << "values leaked";
}

// Runs one trial and returns the number of operations.
std::size_t run_trial(const TrialOptions& options) {
  SCOPED_TRACE(std::format("{}, {} level(s), resizes {}, seed {}", to_string(options.policy), options.levels,
                           options.resizes, options.seed));
  Trial trial(options);
  std::vector<std::unique_ptr<Worker>> workers;
  for (unsigned i = 0; i < thread_count; ++i)
    workers.push_back(std::make_unique<Worker>(trial, options.seed * thread_count + i));
  std::vector<std::jthread> threads;
  for (const auto& worker : workers) threads.emplace_back([&worker] { worker->run(); });
  threads.clear();  // joins
  check_histories(trial, workers);
  check_nothing_left(trial);
  for (const std::string& fault : trial.faults.all()) ADD_FAILURE() << fault;
  return static_cast<std::size_t>(options.steps) * thread_count;
}

class LevelChecker : public testing::TestWithParam<PolicyKind> {};

TEST_P(LevelChecker, OneLevelInAFixedBudget) { run_trial({.policy = GetParam(), .seed = 11}); }

TEST_P(LevelChecker, OneLevelThatIsResized) { run_trial({.policy = GetParam(), .resizes = true, .seed = 12}); }

TEST_P(LevelChecker, LevelsThatShareABudget) { run_trial({.policy = GetParam(), .levels = 3, .seed = 13}); }

TEST_P(LevelChecker, LevelsThatShareABudgetThatIsResized) {
  run_trial({.policy = GetParam(), .levels = 3, .resizes = true, .seed = 14});
}

INSTANTIATE_TEST_SUITE_P(Policies, LevelChecker, testing::ValuesIn(all_policies().begin(), all_policies().end()),
                         [](const auto& tested) {
                           std::string name(to_string(tested.param));
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

unsigned any_seed() {
  if (const char* chosen = std::getenv("FOVEA_SEED")) return static_cast<unsigned>(std::strtoul(chosen, nullptr, 10));
  return std::random_device()();
}

TEST(LevelCheckerLong, MillionsOfOperationsWithANewSeed) {
  const unsigned seed = any_seed();
  std::size_t operations = 0;
  for (const PolicyKind policy : all_policies()) {
    for (const int levels : {1, 3})
      operations += run_trial({.policy = policy, .levels = levels, .resizes = true, .steps = long_steps, .seed = seed});
  }
  RecordProperty("operations", std::to_string(operations));
  std::println("{} operations, FOVEA_SEED={}", operations, seed);
}

}  // namespace
}  // namespace fovea
