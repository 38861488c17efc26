#include "cluster/network/event_queue.h"

#include <gtest/gtest.h>

#include <vector>

namespace fovea {
namespace {

TEST(EventQueue, GoesByTimeAndThenByOrder) {
  EventQueue queue;
  std::vector<int> happened;
  for (const auto& [at, what] : std::vector<std::pair<double, int>>{{2, 20}, {1, 10}, {2, 21}, {1, 11}, {2, 22}})
    queue.add(at, [&happened, what] { happened.push_back(what); });
  EXPECT_EQ(queue.next(), 1);
  while (!queue.empty()) queue.run_next();
  EXPECT_EQ(happened, (std::vector<int>{10, 11, 20, 21, 22}));
  EXPECT_EQ(queue.run(), 5U);
}

TEST(EventQueue, AnActionMayAddOthers) {
  EventQueue queue;
  std::vector<double> happened;
  queue.add(1, [&] {
    queue.add(1, [&] { happened.push_back(1); });
    queue.add(3, [&] { happened.push_back(3); });
  });
  queue.add(2, [&] { happened.push_back(2); });
  while (!queue.empty()) queue.run_next();
  EXPECT_EQ(happened, (std::vector<double>{1, 2, 3}));
}

}  // namespace
}  // namespace fovea
