#include "cluster/outcome_recorder.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

FleetAnswer answered(std::uint32_t node, double ms, Way way, bool from_memory = false) {
  return {.failure = {}, .served = {.way = way, .from_memory = from_memory}, .node = node, .ms = ms};
}

FleetOutcome outcome_of_classes(std::size_t classes) {
  FleetOutcome outcome;
  outcome.classes.resize(classes);
  return outcome;
}

TEST(OutcomeRecorder, CountsWhatEndedAndHow) {
  OutcomeRecorder recorder({0, 0, 1});
  recorder.ended({}, answered(0, 10, Way::response, true), 500);
  recorder.ended({}, answered(0, 30, Way::response), 900);
  recorder.ended({}, answered(2, 200, Way::encoded), 2100);
  recorder.ended({.tenant = 1}, answered(1, 1000, Way::encoded), 2200);
  recorder.ended({.tenant = 1}, {.failure = FleetFailure::no_node, .served = {}, .node = 1, .ms = 5}, 2250);
  recorder.ended({}, {.failure = FleetFailure::broken_off, .served = {}, .node = 1, .resent = 1, .ms = 5}, 2300);
  recorder.fetched(700, 500);
  recorder.fetched(1000, 2100);
  FleetOutcome outcome = outcome_of_classes(2);
  recorder.finish(outcome);
  EXPECT_EQ(outcome.requests, 4U);
  EXPECT_EQ(outcome.answered, 3U);
  EXPECT_EQ(outcome.failed, 1U);
  EXPECT_EQ(outcome.failures[static_cast<std::size_t>(FleetFailure::broken_off)], 1U);
  EXPECT_EQ(outcome.resent, 1U);
  EXPECT_EQ(outcome.from_memory, 1U);
  EXPECT_EQ(outcome.times.count, 3U);  // the load's own
  EXPECT_DOUBLE_EQ(outcome.times.mean_ms, 80);
  EXPECT_EQ(outcome.times.p50_ms, 30);
  EXPECT_EQ(outcome.times.p99_ms, 200);
  EXPECT_EQ(outcome.noisy_times.mean_ms, 1000);
  EXPECT_EQ(outcome.noisy_times.count, 1U);
  EXPECT_EQ(outcome.noisy_failed, 1U);
  std::uint64_t found = 0;
  for (const TimesOf& way : outcome.by_way) found += way.count;
  EXPECT_EQ(found, outcome.answered) << "shares are of the same requests";
  EXPECT_EQ(outcome.classes[0].from_memory, 1U);
  EXPECT_EQ(outcome.by_way[static_cast<std::size_t>(Way::response)].mean_ms, 20);
  EXPECT_EQ(outcome.classes[0].requests, 2U);
  EXPECT_DOUBLE_EQ(outcome.classes[0].busiest_share, 2 / 3.0);
  EXPECT_EQ(outcome.classes[1].times.mean_ms, 200);
  ASSERT_EQ(outcome.seconds.size(), 3U);
  EXPECT_EQ(outcome.seconds[0].requests, 2U);
  EXPECT_EQ(outcome.seconds[0].mean_ms, 20);
  EXPECT_EQ(outcome.seconds[0].fetched_bytes, 700);
  EXPECT_EQ(outcome.seconds[1].requests, 0U);
  EXPECT_EQ(outcome.seconds[2].failed, 1U);
  EXPECT_EQ(outcome.seconds[2].encoded, 1U);
  EXPECT_EQ(outcome.seconds[2].mean_ms, 200);
  EXPECT_EQ(outcome.seconds[2].fetched_bytes, 300);
}

TEST(OutcomeRecorder, KeepsTwoHoursOfSeconds) {
  OutcomeRecorder recorder({0});
  recorder.ended({}, answered(0, 10, Way::response), 1e9);
  FleetOutcome outcome = outcome_of_classes(1);
  recorder.finish(outcome);
  EXPECT_EQ(outcome.requests, 1U);
  EXPECT_TRUE(outcome.seconds.empty());
}

TEST(TimesOf, NothingIsNothing) {
  std::vector<double> none;
  EXPECT_EQ(times_of(none).count, 0U);
  EXPECT_EQ(times_of(none).p95_ms, 0);
}

TEST(TimesOf, PercentilesAreSamples) {
  std::vector<double> ms;
  for (int i = 100; i >= 1; --i) ms.push_back(i);
  const TimesOf times = times_of(ms);
  EXPECT_EQ(times.p50_ms, 50);
  EXPECT_EQ(times.p95_ms, 95);
  EXPECT_EQ(times.p99_ms, 99);
  EXPECT_EQ(times.mean_ms, 50.5);
}

}  // namespace
}  // namespace fovea
