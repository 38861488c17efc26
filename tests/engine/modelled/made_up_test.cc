#include "engine/modelled/made_up.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace fovea {
namespace {

const Key one = KeyBuilder("one").finish(), other = KeyBuilder("other").finish();

std::vector<std::byte> made_up(const Key& name, std::size_t size) {
  std::vector<std::byte> bytes(size);
  make_up(name, bytes);
  return bytes;
}

TEST(MadeUp, FollowsFromItsName) {
  EXPECT_EQ(made_up(one, 1000), made_up(one, 1000));
  EXPECT_NE(made_up(one, 1000), made_up(other, 1000));
}

TEST(MadeUp, IsNumbersOfAnySize) {
  const auto bytes = made_up(one, 8000);
  double sum = 0;
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(float)) {
    float number = 0;
    std::memcpy(&number, bytes.data() + at, sizeof number);
    ASSERT_GE(number, -0.5F);
    ASSERT_LT(number, 0.5F);
    sum += number;
  }
  EXPECT_LT(std::abs(sum), 100) << "2,000 even draws have a spread of 13 about 0";
  for (const std::size_t size : {0U, 1U, 7U, 9U}) {
    const auto shorter = made_up(one, size);
    EXPECT_TRUE(std::equal(shorter.begin(), shorter.end(), bytes.begin())) << size;
  }
}

TEST(MadeUp, IsToldApartByItsEndsAndLength) {
  auto bytes = made_up(one, 4000);
  const Key told = told_apart(bytes);
  EXPECT_EQ(told, told_apart(made_up(one, 4000)));
  EXPECT_NE(told, told_apart(made_up(other, 4000)));
  EXPECT_NE(told, told_apart(made_up(one, 3996)));
  bytes.back() ^= std::byte{1};
  EXPECT_NE(told, told_apart(bytes));
  EXPECT_NE(told_apart(made_up(one, 4)), told_apart(made_up(other, 4)));
}

}  // namespace
}  // namespace fovea
