// The counts of a replay, on traces small enough to follow by hand, and properties that hold on any trace.
#include "replay/replay.h"

#include <gtest/gtest.h>

#include "replay/ceiling.h"
#include "replay/traces.h"

namespace fovea {
namespace {

constexpr std::uint64_t overhead = Level::entry_overhead_bytes;

ReplayOutcome lru(const TraceScript& script, const BudgetPlan& budgets) {
  return replay(script.trace(), PolicyKind::lru, budgets);
}

TEST(Replay, AResponseHitSkipsTheRestOfItsRequest) {
  TraceScript script(3);
  for (int i = 0; i < 3; ++i) script.request().response(0, 100, 500).embedding(1, 1000, 400).embedding(2, 1000, 50);
  const ReplayOutcome outcome = lru(script, BudgetPlan::shared(1 << 20));
  EXPECT_EQ(outcome.requests, 3u);
  EXPECT_EQ(outcome.lookups, 3u + 1 + 1);
  EXPECT_EQ(outcome.hits, 2u);
  EXPECT_EQ(outcome.lookup_bytes, 2100 + 100 + 100);
  EXPECT_EQ(outcome.hit_bytes, 200);
  EXPECT_EQ(outcome.total_ms, 1500);
  EXPECT_EQ(outcome.saved_ms, 1000) << "the response's cost counts the embeddings' already";
  EXPECT_EQ(outcome.levels[0].lookups, 2u);
  EXPECT_EQ(outcome.levels[2].lookups, 3u);
  EXPECT_EQ(outcome.levels[2].hits, 2u);
  EXPECT_DOUBLE_EQ(outcome.object_hit_ratio(), 0.4);
  EXPECT_DOUBLE_EQ(outcome.byte_hit_ratio(), 200.0 / 2300);
  EXPECT_DOUBLE_EQ(outcome.cost_hit_ratio(), 1000.0 / 1500);
}

TEST(Replay, EmbeddingsSaveWhatTheyCostWhenTheQuestionIsNew) {
  TraceScript script(4);
  script.request().response(0, 100, 500).embedding(2, 1000, 400).embedding(3, 1000, 50);
  script.request().response(1, 100, 600).embedding(2, 1000, 400).embedding(3, 1000, 50);
  const ReplayOutcome outcome = lru(script, BudgetPlan::shared(1 << 20));
  EXPECT_EQ(outcome.saved_ms, 450);
  EXPECT_EQ(outcome.total_ms, 1100);
  EXPECT_EQ(outcome.hits, 2u);
}

TEST(Replay, ARequestWithoutAResponseCostsItsParts) {
  TraceScript script(2);
  script.request().embedding(0, 10, 30).embedding(1, 10, 40);
  script.request().embedding(0, 10, 30).embedding(0, 10, 30);
  const ReplayOutcome outcome = lru(script, BudgetPlan::shared(1 << 20));
  EXPECT_EQ(outcome.total_ms, 70 + 60);
  EXPECT_EQ(outcome.saved_ms, 60);
}

// The response comes in last: it exists only when the answer is complete.
TEST(Replay, AResponseIsStoredWhenItsRequestEnds) {
  TraceScript script(3);
  script.request().response(0, 100, 500).embedding(1, 100, 400);  // room for two: the embedding is the older one
  script.request().embedding(2, 100, 10);                         // so it is evicted here
  script.request().embedding(1, 100, 400);
  EXPECT_EQ(lru(script, BudgetPlan::shared(2 * (100 + overhead))).hits, 0u);
  TraceScript twice(1);
  twice.request().response(0, 100, 500).response(0, 100, 500);
  EXPECT_EQ(lru(twice, BudgetPlan::shared(1 << 20)).hits, 0u) << "both look-ups come before it is stored";
}

TEST(Replay, EntriesAreChargedTheirOverhead) {
  TraceScript script(2);
  for (int i = 0; i < 3; ++i) script.request().embedding(0, 100, 1).request().embedding(1, 100, 1);
  EXPECT_EQ(lru(script, BudgetPlan::shared(2 * (100 + overhead))).hits, 4u);
  const ReplayOutcome tight = lru(script, BudgetPlan::shared(2 * (100 + overhead) - 1));
  EXPECT_EQ(tight.hits, 0u);
  EXPECT_EQ(tight.evictions, 5u);
  EXPECT_EQ(lru(script, BudgetPlan::shared(0)).evictions, 0u);
}

TEST(Replay, BudgetsOfLevelsAreApart) {
  TraceScript script(4);
  script.request().embedding(0, 1000, 10);
  for (std::uint32_t i = 1; i < 4; ++i) script.request().response(i, 1000, 10);  // more than their budget holds
  script.request().embedding(0, 1000, 10).request().response(1, 1000, 10).request().response(3, 1000, 10);
  const std::uint64_t one = 1000 + overhead;
  const ReplayOutcome apart = lru(script, BudgetPlan::split({one, 0, one}));
  EXPECT_EQ(apart.levels[0].hits, 1u);
  EXPECT_EQ(apart.levels[2].hits, 0u) << "each was evicted by the next";
  EXPECT_EQ(apart.evictions, 4u);
  EXPECT_EQ(lru(script, BudgetPlan::shared(2 * one)).levels[0].hits, 0u) << "shared, the responses take its room";
}

TEST(Replay, WithRoomForEverythingEveryPolicyReachesTheCeiling) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const Trace trace = questions_about_pictures(seed, 3000, 100, 5);
    const ReplayOutcome ceiling = compulsory_ceiling(trace);
    EXPECT_GT(ceiling.saved_ms, 0);
    for (const PolicyKind policy : all_policies()) {
      const ReplayOutcome outcome = replay(trace, policy, BudgetPlan::shared(working_set_bytes(trace)));
      EXPECT_EQ(outcome.evictions, 0u) << to_string(policy);
      EXPECT_EQ(outcome.hits, ceiling.hits) << to_string(policy);
      EXPECT_EQ(outcome.saved_ms, ceiling.saved_ms) << to_string(policy);
    }
  }
}

TEST(Replay, IsTheSameEveryTime) {
  const Trace trace = questions_about_pictures(5, 3000, 100, 5);
  for (const PolicyKind policy : all_policies()) {
    const BudgetPlan budgets = BudgetPlan::shared(working_set_bytes(trace) / 10);
    const ReplayOutcome first = replay(trace, policy, budgets), second = replay(trace, policy, budgets);
    EXPECT_EQ(first.hits, second.hits) << to_string(policy);
    EXPECT_EQ(first.saved_ms, second.saved_ms) << to_string(policy);
    EXPECT_EQ(first.evictions, second.evictions) << to_string(policy);
    EXPECT_GT(first.evictions, 0u) << to_string(policy);
  }
}

TEST(Replay, TakesItsTimeFromTheClock) {
  struct Counted : Clock {
    double now_ms() const override { return now += 500; }
    mutable double now = 0;
  };
  TraceScript script(1);
  for (int i = 0; i < 10; ++i) script.request().embedding(0, 1, 1);
  const ReplayOutcome outcome = replay(script.trace(), PolicyKind::lru, BudgetPlan::shared(1000), {}, Counted());
  EXPECT_EQ(outcome.seconds, 0.5);
  EXPECT_EQ(outcome.requests_per_second(), 20);
}

}  // namespace
}  // namespace fovea
