// Ctrl-C as the terminal sends it, to a process of its own: Interrupts blocks the signal for all threads that
// come later.
#include "app/terminal/interrupts.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <mutex>
#include <stop_token>

namespace fovea::app {
namespace {

// Waits until a stop is requested.
void wait_for(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait(lock, stop, [] { return false; });
}

// The exit code of a process that does `work`, or minus the number of the signal that ended it.
template <typename Work>
int exit_code_of(Work work) {
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(60);  // a hang is a failure, not a wait
    work();
    ::_exit(99);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST(Interrupts, StopTheAnswerInProgress) {
  EXPECT_EQ(exit_code_of([] {
              Interrupts interrupts;
              const std::stop_token stop = interrupts.watch();
              ::kill(::getpid(), SIGINT);
              wait_for(stop);
              interrupts.unwatch();
              ::_exit(7);
            }),
            7);
}

TEST(Interrupts, ASecondOneEndsTheProgram) {
  EXPECT_EQ(exit_code_of([] {
              Interrupts interrupts;
              const std::stop_token stop = interrupts.watch();
              ::kill(::getpid(), SIGINT);
              wait_for(stop);
              ::kill(::getpid(), SIGINT);
              for (;;) ::pause();
            }),
            130);
}

TEST(Interrupts, WithoutAnAnswerTheyEndTheProgram) {
  EXPECT_EQ(exit_code_of([] {
              Interrupts interrupts;
              ::kill(::getpid(), SIGINT);
              for (;;) ::pause();
            }),
            130);
  EXPECT_EQ(exit_code_of([] {
              Interrupts interrupts;
              (void)interrupts.watch();
              interrupts.unwatch();
              ::kill(::getpid(), SIGINT);
              for (;;) ::pause();
            }),
            130)
      << "the answer is complete";
}

TEST(Interrupts, AfterThemASignalEndsTheProgramAsEver) {
  EXPECT_EQ(exit_code_of([] {
              {
                Interrupts interrupts;
              }
              ::kill(::getpid(), SIGINT);
              for (;;) ::pause();
            }),
            -SIGINT);
}

}  // namespace
}  // namespace fovea::app
