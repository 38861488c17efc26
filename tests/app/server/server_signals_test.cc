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

TEST(ServerSignals, CallsNobodyWhomItLetGo) {
  const auto signal_after = [] {
    ServerSignals signals;
    signals.watch([] { _exit(1); }, [] { _exit(2); });
    signals.let_go();
    for (const int signal : {SIGHUP, SIGINT, SIGTERM}) kill(getpid(), signal);
    pause();
  };
  EXPECT_EXIT(signal_after(), testing::ExitedWithCode(130), "");
}

}  // namespace
}  // namespace fovea::app
