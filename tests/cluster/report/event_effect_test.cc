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
  EXPECT_EQ(effect.requests, 600u) << "a minute";
  EXPECT_DOUBLE_EQ(effect.from_memory.before, 0.8);
  EXPECT_DOUBLE_EQ(effect.from_memory.during, (20 * 3 + 40 * 8) / 600.0);
  EXPECT_DOUBLE_EQ(effect.from_memory.worst, 0.3);
  EXPECT_DOUBLE_EQ(effect.found.before, 0.9);
  EXPECT_DOUBLE_EQ(effect.found.during, 1 - ((20 * 6 + 40 * 1) / 600.0));
  EXPECT_DOUBLE_EQ(effect.found.worst, 0.4);
  EXPECT_DOUBLE_EQ(effect.mean_ms.before, 100);
  EXPECT_DOUBLE_EQ(effect.mean_ms.during, (20 * 400 + 40 * 100) / 60.0);
  EXPECT_DOUBLE_EQ(effect.mean_ms.worst, 400);
  // Of 100 requests, 0.8 may be 0.68 by itself, 0.9 may be 0.81, and 100 ms may be 125: two, one and no bad
  // seconds among ten.
  EXPECT_EQ(effect.from_memory.back_after_s, 18.0);
  EXPECT_EQ(effect.found.back_after_s, 19.0);
  EXPECT_EQ(effect.mean_ms.back_after_s, 20.0);
}

TEST(EventEffect, WhatNeverLeftIsBackAtOnceAndWhatNeverCameBackIsAbsent) {
  EXPECT_EQ(effects_of({dies(100)}, std::vector<FleetSecond>(200, good))[0].from_memory.back_after_s, 0.0);
  EXPECT_FALSE(effects_of({dies(100)}, seconds_with_a_dip(100, 200))[0].from_memory.back_after_s);
}

// Few requests vary by themselves, and what happens long after an event is not its doing.
TEST(EventEffect, NoiseIsNoEffect) {
  std::vector<FleetSecond> few(200, FleetSecond{.requests = 1, .from_memory = 1, .mean_ms = 100});
  for (std::size_t i = 0; i < few.size(); i += 5) few[i].from_memory = 0;
  for (std::size_t i = 111; i < 113; ++i) few[i].from_memory = 0;
  EXPECT_EQ(effects_of({dies(100)}, few)[0].from_memory.back_after_s, 0.0) << "0.6 instead of 0.8, of ten";
  EXPECT_EQ(effects_of({dies(10, 20)}, seconds_with_a_dip(150, 170))[0].from_memory.back_after_s, 0.0);
}

TEST(EventEffect, SecondsWithoutAnswersAreBad) {
  std::vector<FleetSecond> seconds(200, good);
  for (std::size_t i = 100; i < 115; ++i) seconds[i] = {};
  const auto effect = effects_of({dies(100)}, seconds)[0];
  EXPECT_EQ(effect.from_memory.back_after_s, 6.0) << "the first window with an answer";
  EXPECT_DOUBLE_EQ(effect.from_memory.worst, 0.8) << "of those with answers";
}

TEST(EventEffect, OtherEventsEndTheTimeBeforeAndTheTimeAfter) {
  std::vector<FleetSecond> seconds = seconds_with_a_dip(100, 160);
  for (std::size_t i = 60; i < 90; ++i) seconds[i].mean_ms = 105;
  const auto effects = effects_of({dies(50, 90), dies(100)}, seconds);
  ASSERT_EQ(effects.size(), 2u);
  EXPECT_EQ(effects[0].requests, 400u) << "until it was over";
  EXPECT_EQ(effects[0].from_memory.back_after_s, 0.0) << "the dip is the other one's";
  EXPECT_EQ(effects[1].mean_ms.before, 100) << "since the first was over";
}

TEST(EventEffect, AnEventAfterTheEndHasNone) {
  EXPECT_TRUE(effects_of({dies(200)}, std::vector<FleetSecond>(200, good)).empty());
  EXPECT_TRUE(effects_of({dies(1e7)}, {}).empty());
  const auto first = effects_of({dies(0)}, std::vector<FleetSecond>(5, good));
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].from_memory.before, 0);
  EXPECT_EQ(first[0].requests, 50u);
  const auto fraction = effects_of({dies(10.5)}, std::vector<FleetSecond>(30, good));
  ASSERT_EQ(fraction.size(), 1u);
  EXPECT_DOUBLE_EQ(fraction[0].from_memory.before, 0.8);
}

TEST(EventEffect, FailedRequestsAreNoAnswers) {
  std::vector<FleetSecond> seconds(120, good);
  for (std::size_t i = 60; i < 120; ++i)
    seconds[i] = {.requests = 10, .failed = 5, .from_memory = 4, .encoded = 0, .mean_ms = 100};
  const auto effect = effects_of({dies(60)}, seconds)[0];
  EXPECT_EQ(effect.failed, 300u);
  EXPECT_DOUBLE_EQ(effect.from_memory.during, 0.8);
}

}  // namespace
}  // namespace fovea
