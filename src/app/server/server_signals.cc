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
  {
    MutexLock lock(mutex_);
    on_stop_ = std::move(on_stop);
    on_reload_ = std::move(on_reload);
  }
  watcher_ = std::thread([this] {
    for (int signal = 0; sigwait(&signals_, &signal) == 0 && signal != end_watch;) take(signal);
  });
}

void ServerSignals::take(int signal) {
  if (signal != SIGHUP && std::exchange(stopping_, true)) _exit(interrupted);
  MutexLock lock(mutex_);
  const std::function<void()>& call = signal == SIGHUP ? on_reload_ : on_stop_;
  if (call) call();
}

void ServerSignals::let_go() {
  MutexLock lock(mutex_);
  on_stop_ = on_reload_ = nullptr;
}

}  // namespace fovea::app
