#include "store/lane/kind_traffic.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(KindTraffic, KnowsNothingAtFirst) {
  const KindTraffic traffic;
  for (const RecordKind kind : all_record_kinds) EXPECT_FALSE(traffic.average(kind)) << to_string(kind);
}

TEST(KindTraffic, TheFirstValueIsTheAverageAndTheNextMoveItByATenth) {
  KindTraffic traffic;
  traffic.observe(RecordKind::prefix, 100, 1000);
  EXPECT_DOUBLE_EQ(traffic.average(RecordKind::prefix)->cost_ms, 100);
  EXPECT_DOUBLE_EQ(traffic.average(RecordKind::prefix)->bytes, 1000);
  traffic.observe(RecordKind::prefix, 200, 0);
  EXPECT_DOUBLE_EQ(traffic.average(RecordKind::prefix)->cost_ms, 110);
  EXPECT_DOUBLE_EQ(traffic.average(RecordKind::prefix)->bytes, 900);
}

TEST(KindTraffic, WhatIsExpectedIsTheFirstValue) {
  KindTraffic::Averages expected{};
  expected[static_cast<std::size_t>(RecordKind::prefix) - 1] = {.cost_ms = 100, .bytes = 1000};
  KindTraffic traffic(expected);
  EXPECT_FALSE(traffic.average(RecordKind::embedding));
  traffic.observe(RecordKind::prefix, 200, 0);
  EXPECT_DOUBLE_EQ(traffic.average(RecordKind::prefix)->cost_ms, 110);
}

TEST(KindTraffic, EachKindIsApart) {
  KindTraffic traffic;
  for (const RecordKind kind : all_record_kinds) traffic.observe(kind, static_cast<double>(kind), 10);
  for (const RecordKind kind : all_record_kinds)
    EXPECT_DOUBLE_EQ(traffic.average(kind)->cost_ms, static_cast<double>(kind)) << to_string(kind);
}

}  // namespace
}  // namespace fovea
