// ServerSignals: the signals that a server lives by, taken one after the other on a thread of its own, where anything may be done.
#pragma once

#include <csignal>
#include <functional>
#include <thread>

namespace fovea::app {

// Make one before any other thread starts: it blocks the signals for them. SIGINT and SIGTERM ask to stop, the second one ends the
// process at once; SIGHUP asks to read again what can be read again.
class ServerSignals {
 public:
  ServerSignals();
  ~ServerSignals();
  ServerSignals(const ServerSignals&) = delete;
  ServerSignals& operator=(const ServerSignals&) = delete;

  // Starts to take signals; those that came before were kept.
  void watch(std::function<void()> on_stop, std::function<void()> on_reload);

 private:
  sigset_t signals_{};
  std::thread watcher_;
};

}  // namespace fovea::app
