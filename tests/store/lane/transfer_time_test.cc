#include "store/lane/transfer_time.h"

#include <gtest/gtest.h>

#include <cmath>

namespace fovea {
namespace {

constexpr std::uint64_t mebibyte = 1 << 20;

class TransferTimeTest : public testing::Test {
 protected:
  TransferTime transfer{{.wait_ms = 2, .bytes_per_ms = 1000}};
};

TEST_F(TransferTimeTest, GuessesUntilItKnows) {
  EXPECT_DOUBLE_EQ(transfer.expected_ms(0), 2);
  EXPECT_DOUBLE_EQ(transfer.expected_ms(5000), 7);
}

TEST_F(TransferTimeTest, SmallValuesTellTheWaitAndNotTheRate) {
  transfer.observe(100, 12);
  EXPECT_DOUBLE_EQ(transfer.expected_ms(0), 3) << "a tenth of the way";
  EXPECT_DOUBLE_EQ(transfer.expected_ms(5000), 8);
  for (int i = 0; i < 200; ++i) transfer.observe(0, 0.5);
  EXPECT_NEAR(transfer.expected_ms(0), 0.5, 1e-6);
}

TEST_F(TransferTimeTest, LargeValuesTellTheRateAndNotTheWait) {
  for (int i = 0; i < 200; ++i) transfer.observe(mebibyte, 2 + 10);
  EXPECT_DOUBLE_EQ(transfer.expected_ms(0), 2);
  EXPECT_NEAR(transfer.expected_ms(mebibyte), 12, 1e-3);
  EXPECT_NEAR(transfer.expected_ms(3 * mebibyte), 32, 1e-3);
}

TEST_F(TransferTimeTest, AWaitThatWasOverestimatedDoesNotMakeBytesFree) {
  for (int i = 0; i < 200; ++i) transfer.observe(mebibyte, 1);
  EXPECT_NEAR(transfer.expected_ms(mebibyte), 2 + 0.1, 1e-3);
}

TEST_F(TransferTimeTest, TimesThatAreNoneAreLeftOut) {
  for (const double none : {-1.0, std::nan("")}) {
    transfer.observe(0, none);
    transfer.observe(mebibyte, none);
  }
  EXPECT_DOUBLE_EQ(transfer.expected_ms(5000), 7);
}

TEST_F(TransferTimeTest, ValuesThatTookNoTimeStillTakeSome) {
  for (int i = 0; i < 1000; ++i) {
    transfer.observe(0, 0);
    transfer.observe(mebibyte, 0);
  }
  EXPECT_GE(transfer.expected_ms(0), 0);
  EXPECT_GT(transfer.expected_ms(mebibyte), 0);
}

TEST_F(TransferTimeTest, AFasterWriteCorrectsTheGuessAndNothingThatWasRead) {
  transfer.observe_write(mebibyte, 2 + 5000);
  EXPECT_DOUBLE_EQ(transfer.expected_ms(5000), 7) << "a slower one says nothing of reading";
  transfer.observe_write(100, 0.1);
  EXPECT_DOUBLE_EQ(transfer.expected_ms(5000), 7) << "nor does a small one";
  transfer.observe_write(mebibyte, 2 + 10);
  EXPECT_NEAR(transfer.expected_ms(mebibyte), 12, 1e-9);
  for (int i = 0; i < 200; ++i) transfer.observe(mebibyte, 2 + 50);
  transfer.observe_write(mebibyte, 2 + 10);
  EXPECT_NEAR(transfer.expected_ms(mebibyte), 52, 1e-3);
}

}  // namespace
}  // namespace fovea
