// TieredStore over a tier that does everything wrong, against a plain map: what is found was inserted under
// that very key and was not removed since, or nothing is found.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <format>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "store/entries.h"
#include "store/faulty_tier.h"
#include "store/manual_clock.h"
#include "store/tiered_store.h"

namespace fovea {
namespace {

using namespace test;  // the entries and the tier
using std::chrono::steady_clock;
using Call = FaultyTier::Call;

constexpr RecordKind kind = RecordKind::prefix;
constexpr int keys = 48, tenants = 3, images = 5;
constexpr int strangers = 3;  // keys behind those, that nobody looks up
// Of some twenty of the values below.
constexpr std::uint64_t memory_bytes = 24'000;

Key tenant(int number) { return KeyBuilder("tenant").field(number).finish(); }
Key image(int number) { return KeyBuilder("image").field(number).finish(); }

// A value says which it is, in as many bytes as its version makes.
std::string text_of(int number, int version) {
  return std::format("{} {} ", number, version).append(static_cast<std::size_t>(version * 37 % 400), '.');
}
// The version that `record` says, if it is one of `number`'s values, whole.
std::optional<int> version_of(int number, const Record& record) {
  const std::string_view text = record.payload.text();
  const std::size_t at = text.find(' ') + 1;
  int version = 0;
  std::from_chars(text.data() + std::min(at, text.size()), text.data() + text.size(), version);
  return text == text_of(number, version) ? std::optional(version) : std::nullopt;
}

// A store with one tier that does as it is told.
struct Tiered {
  Tiered() {
    auto owned = std::make_unique<FaultyTier>(TierKind::disk, &clock);
    tier = owned.get();
    tiers.push_back(std::make_unique<TierLane>(std::move(owned), TierLaneOptions{.clock = &clock}));
    store.emplace(kind, std::make_unique<MemoryStore>(kind, LevelOptions{.bytes_max = memory_bytes}), tiers);
    for (int number = keys; number < keys + strangers; ++number)
      EXPECT_TRUE(tiers[0]->offer(kind, entry(number, text_of(number, 1), bob)));
    flush();
  }
  void flush() { EXPECT_TRUE(tiers[0]->flush(steady_clock::now() + std::chrono::hours(1))); }

  ManualClock clock;
  Tiers tiers;
  FaultyTier* tier;
  std::optional<TieredStore> store;
};

// One step of what goes wrong. Writes and removals fail too where `of_writes`.
template <typename Below>
void damage(Tiered& tiered, const Below& below, bool of_writes) {
  FaultyTier& tier = *tiered.tier;
  const Key at = key(below(keys));
  constexpr std::array faults{Fault::unavailable, Fault::timed_out, Fault::cancelled, Fault::corrupt, Fault::internal};
  const Fault fault = faults[static_cast<std::size_t>(below(faults.size()))];
  switch (below(of_writes ? 10 : 7)) {
    case 0:
      tier.lose(kind, at);
      break;
    case 1:
      tier.flip(kind, at, static_cast<std::size_t>(below(1 << 16)));
      break;
    case 2:
      tier.cut(kind, at, static_cast<std::size_t>(below(600)));
      break;
    case 3:
      // Not what lay under this key before: nothing but a purge tells that from what lies there now.
      tier.give(kind, at, kind, key(keys + below(strangers)));
      break;
    case 4:
      break;
    case 5:
      tier.fail(Call::find, fault, 1 + below(4));
      break;
    case 6:
      tier.work();
      tiered.clock.pass(below(2000));
      break;
    default:
      tier.fail(static_cast<Call>(1 + below(3)), fault, 1 + below(4));
  }
}

// The values that were inserted under each key and not removed since, with their labels.
class Model {
 public:
  struct Value {
    int version;
    int tenant;
    std::vector<int> images;
  };

  // In place of all others, or beside them: where the tier's writes fail, an older one may be left.
  void insert(int number, Value value, bool replaces) {
    if (replaces) values_[number].clear();
    values_[number].push_back(std::move(value));
  }
  void erase(int number) { values_.erase(number); }
  void purge(int of, std::optional<int> of_image) {
    for (auto& [number, values] : values_) {
      std::erase_if(values, [&](const Value& value) {
        return value.tenant == of && (!of_image || std::ranges::contains(value.images, *of_image));
      });
    }
  }
  bool has(int number, int version) const {
    const auto found = values_.find(number);
    return found != values_.end() && std::ranges::contains(found->second, version, &Value::version);
  }

 private:
  std::map<int, std::vector<Value>> values_;
};

class ModelRun {
 public:
  ModelRun(unsigned seed, bool writes_fail) : random_(seed), writes_fail_(writes_fail) {}

  void step() {
    if (below(4) == 0) damage(tiered_, [this](auto end) { return below(static_cast<int>(end)); }, writes_fail_);
    const int number = below(keys);
    switch (below(20)) {
      case 0:
        return purge();
      case 1:
        tiered_.store->erase(std::array{key(number)});
        return model_.erase(number);
      case 2:
      case 3:
      case 4:
      case 5:
      case 6:
      case 7:
        return insert(number);
      case 8:
      case 9:
      case 10:
        return find_many();
      case 11:
      case 12:
      case 13:
        return find_longest();
      default:
        return expect_known(number, tiered_.store->find(key(number), scope));
    }
  }

  int hits() const { return hits_; }
  int hits_of_the_tier() const { return hits_of_the_tier_; }

 private:
  int below(int end) { return std::uniform_int_distribution(0, end - 1)(random_); }

  void insert(int number) {
    Model::Value value{.version = ++version_, .tenant = below(tenants), .images = {}};
    std::vector<Key> labels;
    for (int i = below(3); i > 0; --i) labels.push_back(image(value.images.emplace_back(below(images))));
    tiered_.store->insert(key(number), record(text_of(number, version_)), {tenant(value.tenant), labels});
    // Or the tier may have the older one yet.
    if (!writes_fail_ || below(2) == 0) tiered_.flush();
    model_.insert(number, std::move(value), !writes_fail_);
  }

  void purge() {
    const int of = below(tenants);
    const std::optional<int> of_image = below(4) == 0 ? std::nullopt : std::optional(below(images));
    if (of_image)
      tiered_.store->purge(tenant(of), image(*of_image));
    else
      tiered_.store->purge(tenant(of));
    model_.purge(of, of_image);
  }

  void find_many() {
    std::vector<int> numbers;
    std::vector<Key> asked;
    for (int i = below(8); i > 0; --i) asked.push_back(key(numbers.emplace_back(below(keys))));
    const auto found = tiered_.store->find_many(asked, scope);
    ASSERT_EQ(found.size(), asked.size());
    for (std::size_t i = 0; i < found.size(); ++i) expect_known(numbers[i], found[i]);
  }

  void find_longest() {
    const int first = below(keys - 6);
    std::vector<Key> asked;
    for (int i = 0; i < 6; ++i) asked.push_back(key(first + i));
    if (const auto longest = tiered_.store->find_longest(asked, 5, scope))
      expect_known(first + static_cast<int>(longest->index), longest->record);
  }

  void expect_known(int number, const std::optional<Record>& found) {
    if (!found) return;
    const auto version = version_of(number, *found);
    ASSERT_TRUE(version) << number << " has " << found->payload.text();
    ASSERT_TRUE(model_.has(number, *version))
        << number << " has version " << *version << " in " << to_string(found->found_in);
    ++hits_;
    hits_of_the_tier_ += found->found_in == TierKind::disk ? 1 : 0;
  }

  std::mt19937 random_;
  const bool writes_fail_;
  Tiered tiered_;
  Model model_;
  int version_ = 0;
  int hits_ = 0;
  int hits_of_the_tier_ = 0;
};

void expect_agreement(bool writes_fail) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  ModelRun run(seed, writes_fail);
  for (int step = 0; step < 20'000; ++step) {
    run.step();
    if (testing::Test::HasFatalFailure()) FAIL() << "at step " << step;
  }
  EXPECT_GT(run.hits(), 1000) << "a test that finds nothing shows nothing";
  EXPECT_GT(run.hits_of_the_tier(), 100);
}

TEST(TieredStoreModel, FindsTheLastThatWasInsertedOrNothing) { expect_agreement(false); }

// Where its writes fail, a tier may be left with a value that was replaced since, never with one that was
// removed.
TEST(TieredStoreModel, FindsNothingThatWasRemovedThoughWritesAndRemovalsFail) { expect_agreement(true); }

// Each key is inserted by one thread, and all threads find, purge and damage. What a removal that is over has
// removed is not found by who looks afterwards.
class Crowd {
 public:
  explicit Crowd(unsigned seed) : seed_(seed) {}

  void run() {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < threads_; ++thread) threads.emplace_back([this, thread] { use(thread); });
  }

  int hits() const { return hits_; }

 private:
  static constexpr int threads_ = 8;
  static constexpr int steps = 1500;

  // A key's tenant and image never change here, so that whoever purges knows what of it went.
  static int tenant_of(int number) { return number % tenants; }
  static int image_of(int number) { return number / tenants % images; }

  void use(int thread) {
    std::mt19937 random(seed_ + static_cast<unsigned>(thread));
    const auto below = [&](auto end) { return std::uniform_int_distribution(0, static_cast<int>(end) - 1)(random); };
    for (int step = 0; step < steps; ++step) {
      const int number = below(keys);
      switch (below(12)) {
        case 0:
          remove(below(3), number);
          break;
        case 1:
          damage(tiered_, below, true);
          break;
        case 2:
        case 3:
        case 4:
          insert(number - number % threads_ + thread);
          break;
        case 5: {
          const int first = number - number % 4;
          const std::array asked{key(first), key(first + 1), key(first + 2), key(first + 3)};
          const std::array floors{floor(first), floor(first + 1), floor(first + 2), floor(first + 3)};
          const auto found = tiered_.store->find_many(asked, scope);
          for (int i = 0; i < 4; ++i) expect_newer(first + i, found[i], floors[i]);
          break;
        }
        default: {
          const int at_least = floor(number);
          expect_newer(number, tiered_.store->find(key(number), scope), at_least);
        }
      }
    }
  }

  void insert(int number) {
    const Key images_of[] = {image(image_of(number))};
    const int version = inserted_[number] + 1;
    tiered_.store->insert(key(number), record(text_of(number, version)), {tenant(tenant_of(number)), images_of});
    inserted_[number] = version;
  }

  // By tenant, by image or by key, what has to do with `number`.
  void remove(int how, int number) {
    std::map<int, int> removed;
    for (int other = 0; other < keys; ++other) {
      const bool same_tenant = tenant_of(other) == tenant_of(number);
      if (how == 0 ? same_tenant : how == 1 ? same_tenant && image_of(other) == image_of(number) : other == number)
        removed[other] = inserted_[other];
    }
    if (how == 0)
      tiered_.store->purge(tenant(tenant_of(number)));
    else if (how == 1)
      tiered_.store->purge(tenant(tenant_of(number)), image(image_of(number)));
    else
      tiered_.store->erase(std::array{key(number)});
    for (const auto& [other, version] : removed) {
      std::atomic<int>& last = removed_[other];
      for (int seen = last; seen < version && !last.compare_exchange_weak(seen, version);) {
      }
    }
  }

  // Versions up to this were removed before now.
  int floor(int number) const { return removed_[number]; }

  void expect_newer(int number, const std::optional<Record>& found, int removed) {
    if (!found) return;
    const auto version = version_of(number, *found);
    ASSERT_TRUE(version) << number << " has " << found->payload.text();
    EXPECT_GT(*version, removed) << number << " in " << to_string(found->found_in);
    ++hits_;
  }

  const unsigned seed_;
  Tiered tiered_;
  std::array<std::atomic<int>, keys> inserted_{};  // the last version whose insertion is over
  std::array<std::atomic<int>, keys> removed_{};   // the last version that a removal that is over has removed
  std::atomic<int> hits_ = 0;
};

TEST(TieredStoreModel, ManyThreadsFindNothingThatWasRemoved) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  Crowd crowd(seed);
  crowd.run();
  EXPECT_GT(crowd.hits(), 100);
}

}  // namespace
}  // namespace fovea
