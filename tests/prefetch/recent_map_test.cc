#include "prefetch/recent_map.h"

#include <gtest/gtest.h>

#include "prefetch/numbered_key.h"

namespace fovea {
namespace {

TEST(RecentMap, KeepsWhatWasUsedLast) {
  RecentMap<int> map(2);
  map.find_or_add(picture_key(1)) = 1;
  map.find_or_add(picture_key(2)) = 2;
  ASSERT_NE(map.find(picture_key(1)), nullptr);
  map.find_or_add(picture_key(3)) = 3;
  EXPECT_EQ(map.size(), 2U);
  EXPECT_EQ(map.find(picture_key(2)), nullptr);
  ASSERT_NE(map.find(picture_key(1)), nullptr);
  EXPECT_EQ(*map.find(picture_key(1)), 1);
  EXPECT_EQ(map.find_or_add(picture_key(3)), 3);
}

TEST(RecentMap, WhatIsErasedIsGone) {
  RecentMap<int> map(2);
  map.find_or_add(picture_key(1)) = 1;
  map.erase(picture_key(1));
  map.erase(picture_key(2));
  EXPECT_EQ(map.size(), 0U);
  EXPECT_EQ(map.find_or_add(picture_key(1)), 0);
}

}  // namespace
}  // namespace fovea
