// Deadline: a stop token that is requested by its caller's token or by a moment in time, whichever comes first.
// DeadlineClock: the one thread that watches all the moments.
//
// What is asked of a model looks at a stop token between its steps, and need not know whether a client hung up or its
// time was over. Both are thread-safe. A clock outlives its deadlines; a token may outlive both.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <thread>
#include <utility>

#include "base/mutex.h"

namespace fovea {

// Owns one thread, which is started by the first moment that is set and sleeps until the earliest one. The destructor
// stops and joins it, behind the stop callbacks that it is in the midst of.
class DeadlineClock {
 public:
  // Further away than this (31 years) is never, and is not waited for; so no moment is beyond what a time point holds.
  static constexpr double never_ms = 1e12;

  DeadlineClock() = default;
  DeadlineClock(const DeadlineClock&) = delete;
  DeadlineClock& operator=(const DeadlineClock&) = delete;

 private:
  friend class Deadline;

  enum class Cause : std::uint8_t { none, caller, moment };

  // What a deadline and the clock share, so that neither waits for the other.
  struct Alarm {
    std::stop_source stop;
    std::atomic<Cause> cause = Cause::none;

    void ring(Cause why);
  };
  using Moment = std::pair<std::chrono::steady_clock::time_point, std::shared_ptr<Alarm>>;

  void set(const Moment& moment);
  void remove(const Moment& moment);
  void run(const std::stop_token& end);
  std::shared_ptr<Alarm> wait_for_next(const std::stop_token& end);

  Mutex mutex_;
  std::condition_variable_any earlier_;
  std::set<Moment> moments_ FOVEA_GUARDED_BY(mutex_);  // by time
  std::jthread thread_ FOVEA_GUARDED_BY(mutex_);       // the last member: it is joined before the others go
};

// One request's. Removes itself from the clock when destroyed, which waits for a stop request of the caller that is in
// progress, as any std::stop_callback does, but not for the clock's: its stop callbacks may still be running on the
// clock's thread.
class Deadline {
 public:
  // The moment is `ms` from now: now if that is not above zero (or is not a number), never if it is above
  // DeadlineClock::never_ms. Without `ms` there is only the caller's token. A caller that has stopped already was
  // first.
  Deadline(DeadlineClock& clock, std::stop_token caller, std::optional<double> ms);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  // Its stop callbacks run on the clock's thread or on the caller's, and no lock of ours is held: they may take locks,
  // set deadlines and destroy them. One that does not return holds up all other moments.
  std::stop_token token() const;
  // Whether the moment came before the caller's stop. Known before the token is stopped, so that stop callbacks may
  // ask.
  bool passed() const;

 private:
  struct CallerStopped {
    std::shared_ptr<DeadlineClock::Alarm> alarm;
    void operator()() const;
  };

  DeadlineClock& clock_;
  std::shared_ptr<DeadlineClock::Alarm> alarm_;
  std::optional<DeadlineClock::Moment> moment_;  // while the clock may know it
  std::stop_callback<CallerStopped> on_caller_stop_;
};

}  // namespace fovea
