// Outcomes second by second whose effects can be counted by hand.
#include "cluster/report/event_effect.h"

#include <gtest/gtest.h>

#include "cluster/report/example_study.h"

namespace fovea {
namespace {

constexpr FleetSecond good{.requests = 10, .from_memory = 8, .encoded = 1, .mean_ms = 100};
constexpr FleetSecond bad{.requests = 10, .from_memory = 3, .encoded = 6, .mean_ms = 400};

FleetEvent dies(double at_s, double until_s = std::numeric_limits<double>::infinity()) {
  return {.kind = FleetEventKind::node_dies, .at_s = at_s, .until_s = until_s, .nodes = {0}};
}

std::vector<EventEffect> effects_of(std::vector<FleetEvent> events, std::vector<FleetSecond> seconds) {
  Fleet fleet = test::example_fleet();
  fleet.events = std::move(events);
  FleetOutcome outcome;
  outcome.seconds = std::move(seconds);
  return event_effects(fleet, outcome);
}

std::vector<FleetSecond> seconds_with_a_dip(std::size_t from, std::size_t to) {
  std::vector<FleetSecond> seconds(200, good);
  for (std::size_t i = from; i < to; ++i) seconds[i] = bad;
  return seconds;
}

TEST(EventEffect, BeforeDuringAndBack) {
  const auto effects = effects_of({dies(100)}, seconds_with_a_dip(100, 120));
  ASSERT_EQ(effects.size(), 1u);
  const EventEffect& effect = effects[0];
  EXPECT_EQ(effect.before.seconds, 60);
  EXPECT_DOUBLE_EQ(effect.before.from_memory, 0.8);
  EXPECT_DOUBLE_EQ(effect.before.mean_ms, 100);
  EXPECT_EQ(effect.during.seconds, 60);
  EXPECT_DOUBLE_EQ(effect.during.from_memory, (20 * 3 + 40 * 8) / 600.0);
  EXPECT_DOUBLE_EQ(effect.during.encoded, (20 * 6 + 40 * 1) / 600.0);
  EXPECT_DOUBLE_EQ(effect.during.mean_ms, (20 * 400 + 40 * 100) / 60.0);
  EXPECT_DOUBLE_EQ(effect.lowest, 0.3);
  ASSERT_TRUE(effect.back_after_s);
  EXPECT_EQ(*effect.back_after_s, 20) << "ten good seconds: from then on, all of the window";
}

TEST(EventEffect, WhatNeverFellIsBackAtOnceAndWhatNeverCameBackIsAbsent) {
  EXPECT_EQ(effects_of({dies(100)}, std::vector<FleetSecond>(200, good))[0].back_after_s, 0.0);
  EXPECT_FALSE(effects_of({dies(100)}, seconds_with_a_dip(100, 200))[0].back_after_s);
}

TEST(EventEffect, SecondsWithoutAnswersAreLow) {
  std::vector<FleetSecond> seconds(200, good);
  for (std::size_t i = 100; i < 115; ++i) seconds[i] = {};
  const auto effect = effects_of({dies(100)}, seconds)[0];
  ASSERT_TRUE(effect.back_after_s);
  EXPECT_GT(*effect.back_after_s, 0);
  EXPECT_EQ(effect.lowest, 0);
}

TEST(EventEffect, OtherEventsEndTheTimeBeforeAndTheTimeAfter) {
  const auto effects = effects_of({dies(50, 90), dies(100)}, seconds_with_a_dip(100, 160));
  ASSERT_EQ(effects.size(), 2u);
  EXPECT_EQ(effects[0].during.seconds, 40) << "until it was over";
  EXPECT_EQ(effects[0].back_after_s, 0.0) << "the dip is the other one's";
  EXPECT_EQ(effects[1].before.seconds, 10) << "since the first was over";
}

TEST(EventEffect, AnEventAfterTheEndHasNone) {
  EXPECT_TRUE(effects_of({dies(200)}, std::vector<FleetSecond>(200, good)).empty());
  EXPECT_TRUE(effects_of({dies(1e7)}, {}).empty());
  const auto first = effects_of({dies(0)}, std::vector<FleetSecond>(5, good));
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].before.requests, 0u);
  EXPECT_EQ(first[0].during.seconds, 5);
}

TEST(EventEffect, FailedRequestsAreNoAnswers) {
  std::vector<FleetSecond> seconds(120, good);
  for (std::size_t i = 60; i < 120; ++i) seconds[i] = {.requests = 10, .failed = 5, .from_memory = 4, .mean_ms = 100};
  const auto effect = effects_of({dies(60)}, seconds)[0];
  EXPECT_EQ(effect.during.failed, 300u);
  EXPECT_DOUBLE_EQ(effect.during.from_memory, 0.8);
}

}  // namespace
}  // namespace fovea
