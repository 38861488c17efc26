// The hits that a Level loses because its policy learns of hits late: at most 1 % of those of the same policy
// that is told of every hit at once.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <random>
#include <thread>
#include <vector>

#include "cache/exact_cache.h"
#include "cache/policies.h"
#include "fovea/level.h"

namespace fovea {
namespace {

constexpr std::uint32_t key_count = 20'000;
constexpr std::size_t request_count = 300'000;
constexpr std::size_t size_max = 4000;

struct Traffic {
  std::vector<Key> keys;
  std::vector<std::size_t> sizes;
  std::vector<double> costs;
  std::vector<std::uint32_t> requests;
  std::uint64_t bytes_max = 0;  // a tenth of the working set

  Traffic() {
    std::mt19937 random(42);
    for (std::uint32_t key = 0; key < key_count; ++key) {
      keys.push_back(KeyBuilder("traffic").field(key).finish());
      sizes.push_back(100 + random() % (size_max - 100));
      costs.push_back(1 + static_cast<double>(random() % 1000));
      bytes_max += (sizes.back() + Level::entry_overhead_bytes) / 10;
    }
    std::vector<double> weights;
    for (std::uint32_t key = 0; key < key_count; ++key) weights.push_back(1 / std::pow(key + 1, 0.9));
    std::discrete_distribution<std::uint32_t> zipf(weights.begin(), weights.end());
    for (std::size_t i = 0; i < request_count; ++i) requests.push_back(zipf(random));
  }
};

const Traffic& traffic() {
  static const Traffic made;
  return made;
}

std::uint64_t exact_hits(PolicyKind kind) {
  ExactCache cache(make_policy(kind), traffic().bytes_max, key_count);
  std::uint64_t hits = 0;
  for (const std::uint32_t key : traffic().requests) {
    if (cache.find(key)) {
      ++hits;
    } else {
      cache.insert(key, {.size = traffic().sizes[key] + Level::entry_overhead_bytes, .cost_ms = traffic().costs[key]});
    }
  }
  return hits;
}

std::uint64_t level_hits(PolicyKind kind, int threads) {
  static const std::vector<std::byte> bytes(size_max);
  Level level(LevelOptions{.bytes_max = traffic().bytes_max, .policy = kind});
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < request_count; i = next++) {
      const std::uint32_t key = traffic().requests[i];
      if (level.find(traffic().keys[key])) continue;
      level.insert(traffic().keys[key], Blob::sharing(nullptr, std::span(bytes).first(traffic().sizes[key])),
                   traffic().costs[key]);
    }
  };
  {
    std::vector<std::jthread> crew;
    for (int i = 0; i < threads; ++i) crew.emplace_back(work);
  }
  return level.stats().hits;
}

class ShardedLoss : public testing::TestWithParam<PolicyKind> {};

INSTANTIATE_TEST_SUITE_P(Policies, ShardedLoss, testing::ValuesIn(all_policies().begin(), all_policies().end()),
                         [](const auto& tested) {
                           std::string name(to_string(tested.param));
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST_P(ShardedLoss, NothingOnOneThread) {
  // A policy may confuse two keys with the same 64 bits, and these bits differ here. The order of all calls
  // is the same.
  const auto exact = static_cast<double>(exact_hits(GetParam()));
  EXPECT_NEAR(static_cast<double>(level_hits(GetParam(), 1)) / exact, 1, 0.002);
}

TEST_P(ShardedLoss, AtMostOnePercentOnFourThreads) {
  const auto exact = static_cast<double>(exact_hits(GetParam()));
  const auto sharded = static_cast<double>(level_hits(GetParam(), 4));
  RecordProperty("relative_hits", std::to_string(sharded / exact));
  EXPECT_GE(sharded / exact, 0.99);
}

}  // namespace
}  // namespace fovea
