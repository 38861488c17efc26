// Semaphore: never more permits than there are, and every permit comes back.
#include "base/semaphore.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace fovea {
namespace {

TEST(Semaphore, NoMorePermitsThanThereAre) {
  Semaphore semaphore(2);
  Semaphore::Permit first = semaphore.try_acquire();
  const Semaphore::Permit second = semaphore.try_acquire();
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(semaphore.try_acquire());
  EXPECT_EQ(semaphore.held(), 2u);
  first.reset();
  EXPECT_EQ(semaphore.held(), 1u);
  EXPECT_TRUE(semaphore.try_acquire());
}

TEST(Semaphore, AWaiterGetsAPermitInTheEnd) {
  Semaphore semaphore(2);
  std::atomic<int> inside = 0, most = 0, visits = 0;
  {
    std::vector<std::jthread> visitors;
    for (int i = 0; i < 6; ++i) {
      visitors.emplace_back([&] {
        for (int visit = 0; visit < 500; ++visit) {
          const Semaphore::Permit permit = semaphore.acquire();
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
  EXPECT_EQ(semaphore.held(), 0u);
}

}  // namespace
}  // namespace fovea
