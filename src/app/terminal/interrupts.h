// Interrupts: Ctrl-C stops the answer in progress, and not the program.
#pragma once

#include <atomic>
#include <csignal>
#include <stop_token>
#include <thread>

#include "base/mutex.h"

namespace fovea::app {

// Make one before any other thread starts: it blocks SIGINT for them and waits for it on a thread of its own.
// While an answer is watched, Ctrl-C stops that answer; at any other time it ends the program with exit code
// 130. watch() and unwatch() may be called by any thread. The thread that made it destroys it, and has the
// signals then that it had before.
class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  // An answer begins: Ctrl-C requests a stop of the token that is returned.
  std::stop_token watch();
  // The answer is complete: Ctrl-C ends the program again.
  void unwatch();

 private:
  void wait_for_signals();

  sigset_t mask_before_{};
  Mutex mutex_;
  std::stop_source answer_ FOVEA_GUARDED_BY(mutex_){std::nostopstate};
  std::atomic<bool> done_ = false;
  std::thread waiter_;
};

}  // namespace fovea::app
