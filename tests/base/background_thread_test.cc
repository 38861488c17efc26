#include "base/background_thread.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <thread>

namespace fovea {
namespace {

TEST(BackgroundThreadTest, ConcernsTheCallingThreadAlone) {
  const int before = getpriority(PRIO_PROCESS, static_cast<id_t>(gettid()));
  int inside = 0;
  std::jthread([&] {
    run_in_background();
    inside = getpriority(PRIO_PROCESS, static_cast<id_t>(gettid()));
  }).join();
  EXPECT_EQ(inside, 10);
  EXPECT_EQ(getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())), before);
}

}  // namespace
}  // namespace fovea
