#include "video/frame_sampling.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace fovea {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

constexpr std::int64_t second = 1'000'000;
constexpr ClipTimes ten_seconds{9'900'000, 10 * second};

TEST(SamplingTimes, AreTwoASecondWhereNothingIsAsked) {
  EXPECT_THAT(sampling_times({}, {1'900'000, 2 * second}), ElementsAre(0, 500'000, 1'000'000, 1'500'000));
  EXPECT_THAT(sampling_times({}, ten_seconds), SizeIs(20));
}

TEST(SamplingTimes, FollowTheAskedRate) {
  EXPECT_THAT(sampling_times({.fps = 1}, {2'900'000, 3 * second}), ElementsAre(0, 1'000'000, 2'000'000));
  EXPECT_THAT(sampling_times({.fps = 0.1}, ten_seconds), ElementsAre(0));
  EXPECT_THAT(sampling_times({.fps = 3}, {900'000, second}), ElementsAre(0, 333'333, 666'667));
}

TEST(SamplingTimes, AreSpreadEvenlyWhereThereWouldBeTooMany) {
  EXPECT_THAT(sampling_times({.fps = 30, .frames_max = 4}, ten_seconds),
              ElementsAre(0, 3'300'000, 6'600'000, 9'900'000));
  EXPECT_THAT(sampling_times({.fps = 1e300, .frames_max = 3}, ten_seconds), ElementsAre(0, 4'950'000, 9'900'000));
  EXPECT_THAT(sampling_times({}, {3'599 * second, 3'600 * second}), SizeIs(32));
}

TEST(SamplingTimes, AreAsManyAsAskedFor) {
  EXPECT_THAT(sampling_times({.num_frames = 3}, ten_seconds), ElementsAre(0, 4'950'000, 9'900'000));
  EXPECT_THAT(sampling_times({.num_frames = 1}, ten_seconds), ElementsAre(0));
  EXPECT_THAT(sampling_times({.num_frames = 100}, ten_seconds), SizeIs(32)) << "never above the limit";
}

TEST(SamplingTimes, OfBothWaysTheSmallerNumberIsTaken) {
  EXPECT_THAT(sampling_times({.fps = 0.2, .num_frames = 8}, ten_seconds), ElementsAre(0, 9'900'000));
  EXPECT_THAT(sampling_times({.fps = 25, .num_frames = 2}, ten_seconds), ElementsAre(0, 9'900'000));
}

TEST(SamplingTimes, OfAVideoWithoutAnyLengthAreItsFirst) {
  EXPECT_THAT(sampling_times({}, {0, 0}), ElementsAre(0));
  EXPECT_THAT(sampling_times({.num_frames = 4}, {0, 0}), ElementsAre(0, 0, 0, 0));
}

}  // namespace
}  // namespace fovea
