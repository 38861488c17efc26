// Every policy's hit ratio lies between that of first-in-first-out and the clairvoyant optimum.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>

#include "cache/policies.h"
#include "cache/policy/policy_harness.h"

namespace fovea {
namespace {

constexpr std::uint32_t keys = 2000;
constexpr std::size_t capacity = 200;

// Requests by Zipf's law with exponent 0.9, for entries that differ only in their importance.
std::vector<std::uint32_t> zipf_requests(std::uint64_t seed) {
  Random random(seed);
  std::vector<double> weights(keys);
  for (std::uint32_t key = 0; key < keys; ++key) weights[key] = std::pow(key + 1, -0.9);
  std::discrete_distribution<std::uint32_t> key(weights.begin(), weights.end());
  std::vector<std::uint32_t> requests(60'000);
  for (std::uint32_t& request : requests) request = key(random);
  return requests;
}

int hits_of_fifo(const std::vector<std::uint32_t>& requests) {
  std::set<std::uint32_t> in;
  std::vector<std::uint32_t> order;
  std::size_t oldest = 0;
  int hits = 0;
  for (const std::uint32_t key : requests) {
    if (in.contains(key)) {
      ++hits;
      continue;
    }
    if (in.size() == capacity) in.erase(order[oldest++]);
    in.insert(key);
    order.push_back(key);
  }
  return hits;
}

// Belady's MIN with bypass: keep what is requested soonest. No policy beats it where all entries have one
// size.
int hits_of_clairvoyant(const std::vector<std::uint32_t>& requests) {
  std::vector<std::size_t> next(requests.size());
  std::map<std::uint32_t, std::size_t> seen;
  for (std::size_t i = requests.size(); i-- > 0;) {
    next[i] = seen.contains(requests[i]) ? seen[requests[i]] : requests.size() + i;
    seen[requests[i]] = i;
  }
  std::set<std::size_t> kept;  // the times of the next requests of the cached keys
  int hits = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    hits += static_cast<int>(kept.erase(i));
    kept.insert(next[i]);
    if (kept.size() > capacity) kept.erase(std::prev(kept.end()));
  }
  return hits;
}

int hits_of(PolicyKind kind, const std::vector<std::uint32_t>& requests) {
  Random random(1);
  ExactCache cache(make_policy(kind), capacity, keys);
  std::vector<float> importance(keys);
  for (float& each : importance) each = static_cast<float>(drawn(random, 0, 100)) / 100;
  int hits = 0;
  for (const std::uint32_t key : requests) {
    if (cache.find(key))
      ++hits;
    else
      cache.insert(key, {.size = 1, .cost_ms = 1, .importance = importance[key]});
  }
  return hits;
}

TEST(HitRatio, LiesBetweenFirstInFirstOutAndClairvoyance) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const std::vector<std::uint32_t> requests = zipf_requests(seed);
    const int floor = hits_of_fifo(requests);
    const int ceiling = hits_of_clairvoyant(requests);
    ASSERT_LT(floor, ceiling);
    for (const PolicyKind kind : all_policies()) {
      SCOPED_TRACE(std::string(to_string(kind)) + ", seed " + std::to_string(seed));
      const int hits = hits_of(kind, requests);
      // Importance predicts nothing here, and costs a little.
      EXPECT_GE(hits, floor - static_cast<int>(requests.size() / 100));
      EXPECT_LE(hits, ceiling);
      if (kind != PolicyKind::importance && kind != PolicyKind::cross_modal) {
        EXPECT_GT(hits, floor);
      }
    }
  }
}

}  // namespace
}  // namespace fovea
