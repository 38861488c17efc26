// Interrupts: Ctrl-C as a request to stop the answer in progress, rather than the end of the program.
#pragma once

#include <atomic>
#include <stop_token>
#include <thread>

#include "base/mutex.h"

namespace fovea::app {

// Make one before any other thread starts: it blocks SIGINT for them and waits for it on a thread of its own.
// While an answer is watched, Ctrl-C stops that answer; at any other time it ends the program with exit code 130.
class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  // Starts watching over an answer: the token says when Ctrl-C was pressed.
  std::stop_token watch();
  // The answer is over; Ctrl-C ends the program again.
  void unwatch();

 private:
  void wait_for_signals();

  Mutex mutex_;
  std::stop_source answer_ FOVEA_GUARDED_BY(mutex_){std::nostopstate};
  std::atomic<bool> done_ = false;
  std::thread waiter_;
};

}  // namespace fovea::app
