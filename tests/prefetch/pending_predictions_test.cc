#include "prefetch/pending_predictions.h"

#include <gtest/gtest.h>

#include "prefetch/numbered_key.h"

namespace fovea {
namespace {

PendingPrediction prediction(std::uint64_t number, int scope = 1) {
  return {.number = number,
          .place = numbered_key("place", static_cast<int>(number)),
          .scope = scope_key(scope),
          .session = {},
          .followed = {},
          .picture = {},
          .sort = 0,
          .made_ms = 0,
          .scored = false};
}

TEST(PendingPredictions, AreFoundByNumberAndByPlace) {
  PendingPredictions pending(8);
  ASSERT_TRUE(pending.add(prediction(1)));
  ASSERT_TRUE(pending.add(prediction(2)));
  ASSERT_NE(pending.find(1), nullptr);
  EXPECT_EQ(pending.find(numbered_key("place", 2)), pending.find(2));
  EXPECT_EQ(pending.oldest(), pending.find(1));
  pending.erase(1);
  EXPECT_EQ(pending.find(1), nullptr);
  EXPECT_FALSE(pending.contains(numbered_key("place", 1)));
  EXPECT_EQ(pending.oldest(), pending.find(2));
  pending.erase(1);
  EXPECT_EQ(pending.size(), 1U);
}

TEST(PendingPredictions, APlaceHasOneAtATime) {
  PendingPredictions pending(8);
  PendingPrediction second = prediction(2);
  second.place = prediction(1).place;
  EXPECT_TRUE(pending.add(prediction(1)));
  EXPECT_FALSE(pending.add(second));
  EXPECT_EQ(pending.size(), 1U);
  pending.erase(1);
  EXPECT_TRUE(pending.add(second));
}

TEST(PendingPredictions, AScopeLeavesRoomToOthers) {
  PendingPredictions pending(16);
  std::uint64_t number = 0;
  const auto fill = [&](int scope) {
    std::size_t added = 0;
    while (pending.add(prediction(++number, scope))) ++added;
    return added;
  };
  EXPECT_EQ(fill(1), 8U);
  EXPECT_EQ(fill(2), 4U);
  EXPECT_EQ(fill(3), 2U);
  EXPECT_EQ(fill(4), 1U);
  EXPECT_EQ(fill(1), 0U) << "it has more than is left";
  EXPECT_EQ(fill(5), 1U);
  EXPECT_EQ(fill(6), 0U) << "there is none";
  EXPECT_EQ(pending.size(), 16U);
  for (std::uint64_t old = 1; old <= 8; ++old) pending.erase(old);
  EXPECT_EQ(fill(6), 4U);
}

}  // namespace
}  // namespace fovea
