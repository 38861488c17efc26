#include "engine/modelled/device_schedule.h"

#include <gtest/gtest.h>

#include "engine/modelled/some_times.h"

namespace fovea {
namespace {

using Ended = DeviceSchedule::Ended;

TEST(DeviceSchedule, WorkIsDoneOnePieceAfterAnother) {
  DeviceSchedule schedule(test::some_times());
  schedule.advance(1000);
  const auto first = schedule.add_work({1, 1}, 10), second = schedule.add_work({1, 2}, 5);
  EXPECT_EQ(schedule.next_end_ms(), 1010);
  EXPECT_TRUE(schedule.advance(1009).empty());
  const auto ended = schedule.advance(2000);
  ASSERT_EQ(ended.size(), 2U);
  EXPECT_EQ(ended[0].id, first);
  EXPECT_DOUBLE_EQ(ended[0].at_ms, 1010);
  EXPECT_EQ(ended[1].id, second);
  EXPECT_DOUBLE_EQ(ended[1].at_ms, 1015) << "it began when the first one ended, whenever anybody looked";
  EXPECT_EQ(ended[1].spent_ms, 5);
  EXPECT_FALSE(schedule.next_end_ms());
}

// One token of one answer takes 2 ms, of each of two 3 ms.
TEST(DeviceSchedule, AnswersAreDecodedSideBySide) {
  DeviceSchedule schedule(test::some_times());
  const auto one = schedule.add_answer(4);
  EXPECT_EQ(schedule.reaches_ms(one, 3), 2);
  schedule.advance(2);
  EXPECT_DOUBLE_EQ(schedule.tokens_left(one), 3);
  const auto other = schedule.add_answer(1);
  EXPECT_DOUBLE_EQ(schedule.reaches_ms(one, 2), 5);
  const auto ended = schedule.advance(100);
  ASSERT_EQ(ended.size(), 2U);
  EXPECT_EQ(ended[0].id, other);
  EXPECT_DOUBLE_EQ(ended[0].at_ms, 5);
  EXPECT_DOUBLE_EQ(ended[0].spent_ms, 1.5) << "half of a step for two";
  EXPECT_DOUBLE_EQ(ended[1].at_ms, 9) << "2 alone, 3 beside the other, 2 and 2 alone";
  EXPECT_DOUBLE_EQ(ended[1].spent_ms, 7.5);
  EXPECT_EQ(schedule.tokens_left(one), 0);
}

TEST(DeviceSchedule, WorkAndAnswersGetHalfOfTheDeviceEach) {
  DeviceSchedule schedule(test::some_times());
  schedule.add_answer(5);
  const auto work = schedule.add_work({1, 1}, 10);
  const auto ended = schedule.advance(100);
  ASSERT_EQ(ended.size(), 2U);
  EXPECT_EQ(ended[0].id, work);
  EXPECT_DOUBLE_EQ(ended[0].at_ms, 20);
  EXPECT_DOUBLE_EQ(ended[1].at_ms, 20);
  EXPECT_DOUBLE_EQ(ended[1].spent_ms, 10);
}

TEST(DeviceSchedule, TenantsGetEqualShares) {
  DeviceSchedule schedule(test::some_times());
  const auto first = schedule.add_work({1, 1}, 10);
  schedule.add_work({1, 2}, 10);
  const auto of_other = schedule.add_work({2, 3}, 10);
  const auto ended = schedule.advance(20);
  ASSERT_EQ(ended.size(), 2U);
  EXPECT_EQ(ended[0].id, first);
  EXPECT_EQ(ended[1].id, of_other) << "whose tenant was served least, though it came last";
}

TEST(DeviceSchedule, WhatIsGivenUpLeavesItsPlaceToOthers) {
  DeviceSchedule schedule(test::some_times());
  const auto first = schedule.add_work({1, 1}, 10), second = schedule.add_work({1, 2}, 5);
  const auto answer = schedule.add_answer(100);
  schedule.advance(6);
  EXPECT_DOUBLE_EQ(schedule.remove(first), 3) << "it had half of the device";
  EXPECT_DOUBLE_EQ(schedule.remove(answer), 3);
  EXPECT_EQ(schedule.remove(answer), 0) << "it is gone";
  const auto ended = schedule.advance(100);
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].id, second);
  EXPECT_DOUBLE_EQ(ended[0].at_ms, 11);
  EXPECT_EQ(schedule.works() + schedule.answers(), 0U);
}

// Some clocks count from long ago, where a double tells no microseconds apart.
TEST(DeviceSchedule, EndsWhateverTheClockCountsFrom) {
  DeviceSchedule schedule(test::some_times());
  const double long_after = 3e10;
  schedule.advance(long_after);
  for (std::uint64_t i = 0; i < 50; ++i) {
    schedule.add_work({1, i}, 0.1 + static_cast<double>(i) / 7);
    schedule.add_answer(static_cast<std::uint32_t>(1 + i % 3));
  }
  EXPECT_EQ(schedule.advance(long_after + 1e5).size(), 100U);
  EXPECT_TRUE(schedule.advance(0).empty()) << "a clock that goes back stands still";
}

TEST(DeviceSchedule, NothingTakesNoTime) {
  DeviceSchedule schedule(test::some_times());
  schedule.add_work({1, 1}, 0);
  schedule.add_answer(0);
  EXPECT_EQ(schedule.advance(0).size(), 2U);
}

}  // namespace
}  // namespace fovea
