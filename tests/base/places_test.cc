#include "base/places.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace fovea {
namespace {

TEST(Places, NoMoreThanThereAreAndBackWhenLeft) {
  Places places(2);
  Places::Place first = places.try_take();
  const Places::Place second = places.try_take();
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(places.try_take());
  EXPECT_EQ(places.taken(), 2u);
  first.reset();
  EXPECT_EQ(places.taken(), 1u);
  EXPECT_TRUE(places.try_take());
}

TEST(Places, WhoWaitsGetsOneInTheEnd) {
  Places places(2);
  std::atomic<int> inside = 0, most = 0, visits = 0;
  {
    std::vector<std::jthread> visitors;
    for (int i = 0; i < 6; ++i) {
      visitors.emplace_back([&] {
        for (int visit = 0; visit < 500; ++visit) {
          const Places::Place place = places.take();
          const int now = ++inside;
          for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
          }
          ++visits;
          --inside;
        }
      });
    }
  }
  EXPECT_EQ(visits, 3000);
  EXPECT_LE(most, 2);
  EXPECT_EQ(places.taken(), 0u);
}

}  // namespace
}  // namespace fovea
