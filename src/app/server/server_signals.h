// ServerSignals: the signals that stop and reload a server, taken one after the other on a thread of its own,
// where any function may be called.
#pragma once

#include <csignal>
#include <functional>
#include <thread>

#include "base/mutex.h"

namespace fovea::app {

// Construct it before any other thread starts: it blocks the signals for them. SIGINT and SIGTERM ask to
// stop, and the second one ends the process at once; SIGHUP asks to reload.
class ServerSignals {
 public:
  ServerSignals();
  ~ServerSignals();
  ServerSignals(const ServerSignals&) = delete;
  ServerSignals& operator=(const ServerSignals&) = delete;

  // Starts to take signals, also those that came since construction.
  void watch(std::function<void()> on_stop, std::function<void()> on_reload);
  // Neither is called any more, or still, once this returns. A second stop ends the process all the same.
  void let_go();

 private:
  void take(int signal);

  sigset_t signals_{};
  Mutex mutex_;  // held while one of them is called
  std::function<void()> on_stop_ FOVEA_GUARDED_BY(mutex_);
  std::function<void()> on_reload_ FOVEA_GUARDED_BY(mutex_);
  bool stopping_ = false;  // of the watching thread
  std::thread watcher_;
};

}  // namespace fovea::app
