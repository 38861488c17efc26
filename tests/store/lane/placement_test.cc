#include "store/lane/placement.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

constexpr TransferTime::Guess network{.wait_ms = 1, .bytes_per_ms = 1000};

TEST(Placement, AsksWhatItKnowsNothingOf) {
  Placement placement(network);
  EXPECT_TRUE(placement.asks(RecordKind::embedding));
  EXPECT_DOUBLE_EQ(placement.wait_ms(RecordKind::embedding, 3), 250);
  EXPECT_TRUE(placement.is_worth_lease(RecordKind::embedding));
  EXPECT_DOUBLE_EQ(placement.lease_ms(RecordKind::embedding), 10'000);
}

TEST(Placement, FetchesWhereThatIsFasterThanComputing) {
  Placement placement(network);
  placement.observe_value(RecordKind::embedding, 200, 100'000);  // 101 ms to fetch
  placement.observe_value(RecordKind::prefix, 90, 100'000);
  EXPECT_TRUE(placement.asks(RecordKind::embedding));
  EXPECT_FALSE(placement.asks(RecordKind::prefix));
  EXPECT_TRUE(placement.writes(RecordKind::embedding, 102, 100'000));
  EXPECT_FALSE(placement.writes(RecordKind::embedding, 101, 100'000));
}

TEST(Placement, AValueWhoseCostNobodySaidIsWorthItsBytes) {
  Placement placement(network);
  EXPECT_TRUE(placement.writes(RecordKind::value, 0, 100'000'000));
  EXPECT_FALSE(placement.writes(RecordKind::value, 0.5, 100)) << "said to cost less than a wait";
  EXPECT_FALSE(placement.writes(RecordKind::embedding, 0, 100)) << "Fovea itself always says it";
  placement.observe_value(RecordKind::value, 0, 100'000);
  EXPECT_TRUE(placement.asks(RecordKind::value));
  EXPECT_DOUBLE_EQ(placement.wait_ms(RecordKind::value, 1), 250);
  Placement known(network);
  known.observe_value(RecordKind::value, 1000, 100'000);
  for (int i = 0; i < 100; ++i) known.observe_value(RecordKind::value, 0, 100'000);
  EXPECT_TRUE(known.asks(RecordKind::value)) << "what is not known says nothing of what is";
}

TEST(Placement, WritesOneInSixtyFourAllTheSame) {
  Placement placement(network);
  int written = 0;
  for (int i = 0; i < 640; ++i) written += placement.writes(RecordKind::prefix, 90, 100'000) ? 1 : 0;
  EXPECT_EQ(written, 10);
  for (int i = 0; i < 640; ++i) ASSERT_FALSE(placement.writes(RecordKind::prefix, 0.9, 100'000)) << "less than a wait";
}

TEST(Placement, LearnsFromAWriteThatItsGuessWasTooSlow) {
  Placement placement(network);
  placement.observe_write(100'000, 11);
  EXPECT_TRUE(placement.writes(RecordKind::prefix, 90, 100'000));
  placement.observe_value(RecordKind::prefix, 90, 100'000);
  EXPECT_TRUE(placement.asks(RecordKind::prefix));
}

TEST(Placement, AsksOneInSixtyFourAllTheSame) {
  Placement placement(network);
  placement.observe_value(RecordKind::prefix, 90, 100'000);
  int asked = 0;
  for (int i = 0; i < 640; ++i) asked += placement.asks(RecordKind::prefix) ? 1 : 0;
  EXPECT_EQ(asked, 10);
}

TEST(Placement, NoticesThatATierBecameFaster) {
  Placement placement(network);
  placement.observe_value(RecordKind::prefix, 90, 100'000);
  ASSERT_FALSE(placement.asks(RecordKind::prefix));
  for (int i = 0; i < 20; ++i) placement.observe_transfer(100'000, 11);
  EXPECT_TRUE(placement.asks(RecordKind::prefix));
}

TEST(Placement, WaitsForHalfOfWhatHitsSaveWithinBounds) {
  Placement placement(network);
  placement.observe_value(RecordKind::embedding, 300, 1000);
  EXPECT_DOUBLE_EQ(placement.wait_ms(RecordKind::embedding, 1), 150);
  EXPECT_DOUBLE_EQ(placement.wait_ms(RecordKind::embedding, 2), 300);
  EXPECT_DOUBLE_EQ(placement.wait_ms(RecordKind::embedding, 100), 2000);
  placement.observe_value(RecordKind::tiling, 0.1, 100);
  EXPECT_DOUBLE_EQ(placement.wait_ms(RecordKind::tiling, 1), 5);
}

TEST(Placement, LeasesWhatTakesAHundredTimesLongerThanAsking) {
  Placement placement(network);
  placement.observe_value(RecordKind::embedding, 100, 1000);
  placement.observe_value(RecordKind::tiling, 99, 1000);
  EXPECT_TRUE(placement.is_worth_lease(RecordKind::embedding));
  EXPECT_FALSE(placement.is_worth_lease(RecordKind::tiling));
  EXPECT_DOUBLE_EQ(placement.lease_ms(RecordKind::embedding), 2000);  // at least
  placement.observe_value(RecordKind::response, 1000, 1000);
  EXPECT_DOUBLE_EQ(placement.lease_ms(RecordKind::response), 4000);
  placement.observe_value(RecordKind::prefix, 100'000, 1000);
  EXPECT_DOUBLE_EQ(placement.lease_ms(RecordKind::prefix), 60'000);  // at most
}

TEST(Placement, BeginsWithWhatIsExpected) {
  KindTraffic::Averages expected{};
  expected[static_cast<std::size_t>(RecordKind::prefix) - 1] = {.cost_ms = 90, .bytes = 100'000};
  Placement placement(network, expected);
  EXPECT_FALSE(placement.asks(RecordKind::prefix));
}

}  // namespace
}  // namespace fovea
