// Deadline: a stop token that is requested by its caller's token or at a moment in time, whichever comes
// first. DeadlineClock: the one thread that watches all the moments.
//
// A model call checks a stop token between its steps. It need not know whether the client disconnected or the
// time was over. Both classes are thread-safe. A clock must outlive its deadlines. A token may outlive both.
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

// Owns one thread. The first moment that is set starts it, and it sleeps until the earliest moment. The
// destructor stops and joins it, after the stop callbacks that it is running.
class DeadlineClock {
 public:
  // A moment further away than this (31 years) is never, and is not waited for. So every moment fits a time
  // point.
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
  using Time = std::chrono::steady_clock::time_point;
  using Moment = std::pair<Time, std::shared_ptr<Alarm>>;

  void set(const Moment& moment);
  void remove(const Moment& moment);
  void run(const std::stop_token& end);
  std::shared_ptr<Alarm> wait_for_next(const std::stop_token& end);

  Mutex mutex_;
  std::condition_variable_any earlier_;
  std::set<Moment> moments_ FOVEA_GUARDED_BY(mutex_);    // by time
  Time awaited_ FOVEA_GUARDED_BY(mutex_) = Time::max();  // until when the thread sleeps
  std::jthread thread_ FOVEA_GUARDED_BY(mutex_);         // last, so that it is joined first
};

// The deadline of one request. The destructor removes it from the clock. It waits for a stop request of the
// caller that is in progress, as any std::stop_callback does. It does not wait for the clock: stop callbacks
// may still be running on the clock's thread.
class Deadline {
 public:
  // The moment is `ms` from now. It is now if `ms` is zero, negative or NaN, and never if `ms` is above
  // DeadlineClock::never_ms. Without `ms` there is only the caller's token. A caller that has stopped already
  // comes first.
  Deadline(DeadlineClock& clock, std::stop_token caller, std::optional<double> ms);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  // Its stop callbacks run on the clock's thread or on the caller's, without a lock of the clock: they may
  // take locks, set deadlines and destroy them. A callback that does not return delays all other moments.
  std::stop_token token() const;
  // Whether the moment came before the caller's stop. It is known before the token is stopped, so stop
  // callbacks may call it.
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
