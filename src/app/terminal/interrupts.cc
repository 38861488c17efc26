// SIGINT is blocked in all threads, and one thread waits for it: there a mutex may be locked and a stop
// requested, which no signal handler may do. The destructor wakes that thread with the same signal.
#include "app/terminal/interrupts.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>

namespace fovea::app {

namespace {

constexpr int interrupted_exit_code = 130;  // the exit code that shells give a program ended by SIGINT

sigset_t interrupt_signal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

Interrupts::Interrupts() {
  const sigset_t signals = interrupt_signal();
  pthread_sigmask(SIG_BLOCK, &signals, &mask_before_);
  waiter_ = std::thread([this] { wait_for_signals(); });
}

Interrupts::~Interrupts() {
  done_ = true;
  pthread_kill(waiter_.native_handle(), SIGINT);
  waiter_.join();
  pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

std::stop_token Interrupts::watch() {
  MutexLock lock(mutex_);
  answer_ = std::stop_source();
  return answer_.get_token();
}

void Interrupts::unwatch() {
  MutexLock lock(mutex_);
  answer_ = std::stop_source(std::nostopstate);
}

void Interrupts::wait_for_signals() {
  const sigset_t signals = interrupt_signal();
  for (int signal = 0; sigwait(&signals, &signal) == 0 && !done_;) {
    std::stop_source answer(std::nostopstate);
    {
      MutexLock lock(mutex_);
      answer = answer_;
    }
    // A second Ctrl-C while the answer still stops (a long encode) ends the program.
    if (answer.stop_possible() && answer.request_stop()) continue;
    if (const auto written = ::write(STDERR_FILENO, "\n", 1); written < 0) ::_exit(interrupted_exit_code);
    ::_exit(interrupted_exit_code);
  }
}

}  // namespace fovea::app
