#include "prefetch/track_record.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TrackRecord of(int right, int wrong) {
  TrackRecord record;
  for (int i = 0; i < right; ++i) record.add(true);
  for (int i = 0; i < wrong; ++i) record.add(false);
  return record;
}

TEST(TrackRecord, NothingIsKnownAtFirst) {
  EXPECT_EQ(TrackRecord().mean(), 0);
  EXPECT_EQ(TrackRecord().at_least(), 0);
}

// Wilson's interval: n of n with z = 0.8416 gives n / (n + z * z).
TEST(TrackRecord, TheLowerEndIsWilsons) {
  EXPECT_NEAR(of(5, 0).at_least(), 5 / (5 + 0.8416 * 0.8416), 1e-9);
  EXPECT_NEAR(of(30, 10).at_least(), 0.6884, 1e-4);
}

TEST(TrackRecord, MoreEvidenceOfTheSameShareGivesMore) {
  EXPECT_LT(of(4, 1).at_least(), of(16, 4).at_least());
  EXPECT_LT(of(16, 4).at_least(), of(16, 4).mean());
}

TEST(TrackRecord, WhatIsOldFades) {
  TrackRecord record = of(1000, 0);
  EXPECT_LE(record.made, TrackRecord::weight_max);
  for (int i = 0; i < 64; ++i) record.add(false);
  EXPECT_LT(record.mean(), 0.5);
}

TEST(TrackRecord, APartKeepsItsShare) {
  const TrackRecord part = of(30, 10).at_most(8);
  EXPECT_DOUBLE_EQ(part.made, 8);
  EXPECT_DOUBLE_EQ(part.mean(), 0.75);
  EXPECT_DOUBLE_EQ(of(3, 1).at_most(8).made, 4);
}

}  // namespace
}  // namespace fovea
