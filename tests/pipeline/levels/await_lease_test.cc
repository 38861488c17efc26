#include "pipeline/levels/await_lease.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>

#include "store/entries.h"
#include "store/memory_store.h"

namespace fovea {
namespace {

using namespace test;  // keys and records
using std::chrono::milliseconds;

constexpr RecordKind kind = RecordKind::embedding;

// A store in memory, beside which another process has every lease, until it is told that it has not.
class LeasedStore final : public Store {
 public:
  std::optional<std::chrono::milliseconds> acquire_lease(const Key& /*key*/, const Key& /*of*/) override {
    ++asked;
    return is_elsewhere ? std::optional(wait) : std::nullopt;
  }

  std::optional<Record> find(const Key& of, const Key& by, const WaitLimits& limits) override {
    return memory_.find(of, by, limits);
  }
  std::optional<Longest> find_longest(std::span<const Key> of, std::optional<std::size_t> expected, const Key& by,
                                      const WaitLimits& limits) override {
    return memory_.find_longest(of, expected, by, limits);
  }
  std::vector<std::optional<Record>> find_many(std::span<const Key> of, const Key& by,
                                               const WaitLimits& limits) override {
    return memory_.find_many(of, by, limits);
  }
  bool contains(const Key& of) const override { return memory_.contains(of); }
  bool insert(const Key& of, const Blob& bytes, const PurgeLabels& labels) override {
    return memory_.insert(of, bytes, labels);
  }
  std::optional<float> importance(const Key& of) const override { return memory_.importance(of); }
  std::size_t purge(const Key& tenant) override { return memory_.purge(tenant); }
  std::size_t purge(const Key& tenant, const Key& image) override { return memory_.purge(tenant, image); }
  std::vector<Record> records_of(const Key& tenant, const Key& image) override {
    return memory_.records_of(tenant, image);
  }
  std::size_t erase(std::span<const Key> of) override { return memory_.erase(of); }
  LevelStats stats() const override { return memory_.stats(); }

  std::atomic<bool> is_elsewhere = true;
  std::atomic<int> asked = 0;
  milliseconds wait = std::chrono::hours(1);

 private:
  MemoryStore memory_{kind, LevelOptions{.bytes_max = 1 << 20}};
};

TEST(AwaitLeaseTest, WhatNobodyComputesIsNotWaitedFor) {
  LeasedStore store;
  store.is_elsewhere = false;
  EXPECT_TRUE(await_lease(store, key(1), scope, {}));
  EXPECT_EQ(store.asked, 1);
}

TEST(AwaitLeaseTest, EndsWhenTheRecordHasCome) {
  LeasedStore store;
  std::jthread other([&] {
    while (store.asked < 2) std::this_thread::yield();
    store.insert(key(1), record("made", costly_ms, kind), {alice, {}});
  });
  EXPECT_TRUE(await_lease(store, key(1), scope, {}));
  EXPECT_TRUE(store.contains(key(1)));
}

TEST(AwaitLeaseTest, EndsWhenTheOtherProcessGivesUp) {
  LeasedStore store;
  std::jthread other([&] {
    while (store.asked < 2) std::this_thread::yield();
    store.is_elsewhere = false;
  });
  EXPECT_TRUE(await_lease(store, key(1), scope, {}));
}

TEST(AwaitLeaseTest, EndsAfterTheLeasesWord) {
  LeasedStore store;
  store.wait = milliseconds(20);
  EXPECT_TRUE(await_lease(store, key(1), scope, {}));
  EXPECT_GE(store.asked, 2) << "it has waited";
}

TEST(AwaitLeaseTest, CanBeStopped) {
  LeasedStore store;
  std::stop_source stop;
  std::jthread other([&] {
    while (store.asked < 2) std::this_thread::yield();
    stop.request_stop();
  });
  const auto waited = await_lease(store, key(1), scope, stop.get_token());
  ASSERT_FALSE(waited);
  EXPECT_EQ(waited.error().fault, Fault::cancelled);
}

}  // namespace
}  // namespace fovea
