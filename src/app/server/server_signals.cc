#include "app/server/server_signals.h"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <utility>

namespace fovea::app {

namespace {
constexpr int interrupted = 130;    // the exit code that shells give a program ended by Ctrl-C
constexpr int end_watch = SIGUSR2;  // wakes the watching thread so that it can be joined
}  // namespace

ServerSignals::ServerSignals() {
  sigemptyset(&signals_);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, end_watch}) sigaddset(&signals_, signal);
  pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
}

ServerSignals::~ServerSignals() {
  if (!watcher_.joinable()) return;
  pthread_kill(watcher_.native_handle(), end_watch);
  watcher_.join();
}

void ServerSignals::watch(std::function<void()> on_stop, std::function<void()> on_reload) {
  watcher_ = std::thread([this, on_stop = std::move(on_stop), on_reload = std::move(on_reload)] {
    bool stopping = false;
    for (int signal = 0; sigwait(&signals_, &signal) == 0 && signal != end_watch;) {
      if (signal == SIGHUP) {
        on_reload();
        continue;
      }
      if (std::exchange(stopping, true)) _exit(interrupted);
      on_stop();
    }
  });
}

}  // namespace fovea::app
