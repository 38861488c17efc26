// ServerSignals: the signals that stop and reload a server, taken one after the other on a thread of its own,
// where any function may be called.
#pragma once

#include <csignal>
#include <functional>
#include <thread>

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

 private:
  sigset_t signals_{};
  std::thread watcher_;
};

}  // namespace fovea::app
