#include "app/server/server_signals.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <future>

namespace fovea::app {
namespace {

TEST(ServerSignals, CallsReloadAndThenStop) {
  std::promise<void> reloaded, stopped;
  ServerSignals signals;
  signals.watch([&] { stopped.set_value(); }, [&] { reloaded.set_value(); });
  kill(getpid(), SIGHUP);
  reloaded.get_future().wait();
  kill(getpid(), SIGTERM);
  stopped.get_future().wait();
}

TEST(ServerSignals, TakesSignalsThatCameBeforeItWatches) {
  std::promise<void> stopped;
  ServerSignals signals;
  kill(getpid(), SIGINT);
  signals.watch([&] { stopped.set_value(); }, [] {});
  stopped.get_future().wait();
}

TEST(ServerSignals, ASecondStopEndsTheProcess) {
  const auto stop_twice = [] {
    std::promise<void> stopped;
    ServerSignals signals;
    signals.watch([&] { stopped.set_value(); }, [] {});
    kill(getpid(), SIGTERM);
    stopped.get_future().wait();
    kill(getpid(), SIGTERM);
    pause();
  };
  EXPECT_EXIT(stop_twice(), testing::ExitedWithCode(130), "");
}

}  // namespace
}  // namespace fovea::app
