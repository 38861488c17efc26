#include "store/await_lease.h"

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
  LeaseAnswer acquire_lease(const Key& of, const Key& by) override {
    ++asked;
    if (auto made = memory_.find(of, by)) return {.record = std::move(made), .wait = {}};
    return {.record = {}, .wait = is_elsewhere ? std::optional(milliseconds(1)) : std::nullopt};
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

 private:
  MemoryStore memory_{kind, LevelOptions{.bytes_max = 1 << 20}};
};

// Longer than a test lasts.
std::chrono::steady_clock::time_point later() { return std::chrono::steady_clock::now() + std::chrono::hours(1); }

TEST(AwaitLeaseTest, WhatNobodyComputesIsNotWaitedFor) {
  LeasedStore store;
  store.is_elsewhere = false;
  const auto made = await_lease(store, key(1), scope, {}, later());
  ASSERT_TRUE(made);
  EXPECT_FALSE(*made);
  EXPECT_EQ(store.asked, 1);
}

TEST(AwaitLeaseTest, EndsWhenTheRecordHasCome) {
  LeasedStore store;
  std::jthread other([&] {
    while (store.asked < 2) std::this_thread::yield();
    store.insert(key(1), record("made", costly_ms, kind), {alice, {}});
  });
  const auto made = await_lease(store, key(1), scope, {}, later());
  ASSERT_TRUE(made && *made);
  EXPECT_EQ((*made)->payload.text(), "made");
}

TEST(AwaitLeaseTest, EndsWhenTheOtherProcessGivesUp) {
  LeasedStore store;
  std::jthread other([&] {
    while (store.asked < 2) std::this_thread::yield();
    store.is_elsewhere = false;
  });
  const auto made = await_lease(store, key(1), scope, {}, later());
  ASSERT_TRUE(made);
  EXPECT_FALSE(*made);
}

TEST(AwaitLeaseTest, EndsWhenItsTimeIsOver) {
  LeasedStore store;
  const auto made = await_lease(store, key(1), scope, {}, std::chrono::steady_clock::now() + milliseconds(25));
  ASSERT_TRUE(made);
  EXPECT_FALSE(*made);
  EXPECT_GE(store.asked, 2) << "it has waited";
  const auto at_once = await_lease(store, key(1), scope, {}, std::chrono::steady_clock::now() - milliseconds(1));
  EXPECT_TRUE(at_once && !*at_once);
}

TEST(AwaitLeaseTest, CanBeStopped) {
  LeasedStore store;
  std::stop_source stop;
  std::jthread other([&] {
    while (store.asked < 2) std::this_thread::yield();
    stop.request_stop();
  });
  const auto made = await_lease(store, key(1), scope, stop.get_token(), later());
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().fault, Fault::cancelled);
}

}  // namespace
}  // namespace fovea
