// A deadline's token is stopped by whichever comes first. Its clock survives everything that stop callbacks
// do.
#include "base/deadline.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <future>
#include <iterator>
#include <limits>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

namespace fovea {
namespace {

constexpr double hour_ms = 3'600'000;

// Returns when `token` is stopped. A test in which it never is stopped fails by ctest's time limit.
void wait_for(const std::stop_token& token) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait(lock, token, [] { return false; });
}

// Returns when the clock has rung every moment that was due before the call: it rings in order of time.
void wait_for_a_later_one(DeadlineClock& clock) {
  const Deadline later(clock, {}, 0.002);
  wait_for(later.token());
}

// Holds a clock's thread inside a stop callback until let_go().
class HeldClock {
 public:
  explicit HeldClock(DeadlineClock& clock) {
    // A callback that is registered after its moment runs on this thread instead. Then the next try has more
    // time.
    for (double ms = 1; !held_; ms *= 2) {
      deadline_.emplace(clock, std::stop_token(), ms);
      on_stop_.emplace(deadline_->token(), [this] { hold(); });
      if (!ran_here_.exchange(false)) running_.get_future().wait(), held_ = true;
    }
  }
  ~HeldClock() { let_go(); }
  void destroy_deadline() { deadline_.reset(); }
  void let_go() {
    if (held_) go_.set_value();
    held_ = false;
  }

 private:
  void hold() {
    if (std::this_thread::get_id() == maker_) {
      ran_here_ = true;
      return;
    }
    running_.set_value();
    go_.get_future().wait();
  }

  const std::thread::id maker_ = std::this_thread::get_id();
  std::atomic<bool> ran_here_ = false;
  bool held_ = false;
  std::promise<void> running_, go_;
  std::optional<Deadline> deadline_;
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

std::ptrdiff_t threads_of_this_process() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
}

TEST(Deadline, WithoutAMomentThereIsOnlyTheCallersToken) {
  DeadlineClock clock;
  std::stop_source caller;
  const Deadline deadline(clock, caller.get_token(), {});
  EXPECT_FALSE(deadline.token().stop_requested());
  caller.request_stop();
  EXPECT_TRUE(deadline.token().stop_requested());
  EXPECT_FALSE(deadline.passed());
}

TEST(Deadline, IsStoppedByItsMoment) {
  DeadlineClock clock;
  const Deadline deadline(clock, {}, 1);
  wait_for(deadline.token());
  EXPECT_TRUE(deadline.passed());
}

TEST(Deadline, StopCallbacksMayAskWhy) {
  DeadlineClock clock;
  const Deadline deadline(clock, {}, 1);
  std::promise<bool> passed;
  const std::stop_callback on_stop(deadline.token(), [&] { passed.set_value(deadline.passed()); });
  EXPECT_TRUE(passed.get_future().get());
}

TEST(Deadline, FarAwayDoesNotFire) {
  DeadlineClock clock;
  const Deadline far(clock, {}, hour_ms);
  wait_for_a_later_one(clock);
  EXPECT_FALSE(far.token().stop_requested());
  EXPECT_FALSE(far.passed());
}

TEST(Deadline, AnEarlierOneWakesTheSleepingClock) {
  DeadlineClock clock;
  const Deadline far(clock, {}, hour_ms);
  wait_for_a_later_one(clock);
  const Deadline other(clock, {}, hour_ms / 2);
  wait_for_a_later_one(clock);
  EXPECT_FALSE(far.token().stop_requested() || other.token().stop_requested());
}

TEST(Deadline, OneThatComesBehindAnEarlierThatIsGoneRings) {
  DeadlineClock clock;
  {
    const Deadline gone(clock, {}, 20);
  }
  {
    const Deadline gone(clock, {}, hour_ms);
  }
  const Deadline between(clock, {}, 60);  // later than what the clock may sleep until, or earlier
  wait_for(between.token());
  EXPECT_TRUE(between.passed());
}

TEST(Deadline, TheCallerMayComeBeforeTheMoment) {
  DeadlineClock clock;
  std::stop_source caller;
  const Deadline far(clock, caller.get_token(), hour_ms);
  caller.request_stop();
  EXPECT_TRUE(far.token().stop_requested());
  EXPECT_FALSE(far.passed());
}

TEST(Deadline, AMomentBehindTheCallersStopChangesNothing) {
  DeadlineClock clock;
  std::stop_source caller;
  caller.request_stop();
  const Deadline at_once(clock, caller.get_token(), 0), soon(clock, caller.get_token(), 0.001);
  wait_for_a_later_one(clock);
  for (const Deadline* deadline : {&at_once, &soon}) {
    EXPECT_TRUE(deadline->token().stop_requested());
    EXPECT_FALSE(deadline->passed());
  }
}

TEST(Deadline, ACallersStopBehindTheMomentChangesNothing) {
  DeadlineClock clock;
  std::stop_source caller;
  const Deadline deadline(clock, caller.get_token(), 0.001);
  wait_for(deadline.token());
  caller.request_stop();
  EXPECT_TRUE(deadline.passed());
}

TEST(Deadline, NoTimeIsOverAtOnce) {
  DeadlineClock clock;
  using Limits = std::numeric_limits<double>;
  for (const double ms : {0.0, -0.0, -1.0, -1e300, -Limits::infinity(), Limits::quiet_NaN()}) {
    const Deadline deadline(clock, {}, ms);
    EXPECT_TRUE(deadline.token().stop_requested()) << ms;
    EXPECT_TRUE(deadline.passed()) << ms;
  }
}

TEST(Deadline, AnAgeIsNever) {
  DeadlineClock clock;
  using Limits = std::numeric_limits<double>;
  for (const double ms : {DeadlineClock::never_ms, 1e13, 1e300, Limits::max(), Limits::infinity()}) {
    const Deadline deadline(clock, {}, ms);
    wait_for_a_later_one(clock);
    EXPECT_FALSE(deadline.token().stop_requested()) << ms;
  }
}

TEST(Deadline, TheTokenOutlivesDeadlineAndClock) {
  std::stop_token passed, unmoved;
  {
    DeadlineClock clock;
    const Deadline soon(clock, {}, 0), far(clock, {}, hour_ms);
    passed = soon.token();
    unmoved = far.token();
  }
  EXPECT_TRUE(passed.stop_requested());
  EXPECT_FALSE(unmoved.stop_requested());
}

TEST(Deadline, OneThatIsGoneDoesNotFire) {
  DeadlineClock clock;
  HeldClock held(clock);
  std::stop_token token;
  {
    const Deadline gone(clock, {}, 0.001);
    token = gone.token();
  }
  held.let_go();
  wait_for_a_later_one(clock);
  EXPECT_FALSE(token.stop_requested());
}

TEST(Deadline, ComesAndGoesWhileAStopCallbackWaits) {
  DeadlineClock clock;
  HeldClock held(clock);
  held.destroy_deadline();  // as a thread may do that holds a lock which the callback waits for
  const Deadline another(clock, {}, hour_ms);
  EXPECT_FALSE(another.token().stop_requested());
  held.let_go();
}

TEST(Deadline, StopCallbacksMayDestroyTheirDeadlineAndSetAnother) {
  DeadlineClock clock;
  for (const bool by_caller : {true, false}) {
    std::stop_source caller;
    auto deadline = std::make_unique<Deadline>(clock, caller.get_token(), by_caller ? hour_ms : 1);
    std::unique_ptr<Deadline> next;
    std::promise<void> done;
    const std::stop_callback on_stop(deadline->token(), [&] {
      deadline.reset();
      next = std::make_unique<Deadline>(clock, std::stop_token(), 0.001);
      done.set_value();
    });
    if (by_caller) caller.request_stop();
    done.get_future().wait();
    wait_for(next->token());
    EXPECT_TRUE(next->passed());
  }
}

TEST(DeadlineClock, HasNoThreadBeforeThereIsAMoment) {
  const auto before = threads_of_this_process();
  DeadlineClock clock;
  const Deadline without(clock, {}, {}), over(clock, {}, 0), never(clock, {}, std::numeric_limits<double>::infinity());
  EXPECT_LE(threads_of_this_process(), before);
}

TEST(DeadlineClock, HasOneThreadForAllMoments) {
  std::jthread([] {}).join();  // a sanitizer starts a thread of its own together with the first
  const auto before = threads_of_this_process();
  DeadlineClock clock;
  std::vector<std::unique_ptr<Deadline>> deadlines;
  for (int i = 0; i < 100; ++i) deadlines.push_back(std::make_unique<Deadline>(clock, std::stop_token(), hour_ms + i));
  EXPECT_LE(threads_of_this_process(), before + 1);
}

TEST(DeadlineClock, RingsInOrderOfTime) {
  DeadlineClock clock;
  HeldClock held(clock);
  std::promise<void> all_rang;
  const Deadline early(clock, {}, 0.002), middle(clock, {}, 0.003), late(clock, {}, 0.004);
  std::vector<int> rung;
  const std::stop_callback third(late.token(), [&] { rung.push_back(3), all_rang.set_value(); });
  const std::stop_callback second(middle.token(), [&] { rung.push_back(2); });
  const std::stop_callback first(early.token(), [&] { rung.push_back(1); });
  held.let_go();
  all_rang.get_future().wait();
  EXPECT_EQ(rung, (std::vector{1, 2, 3}));
}

// One random step of a thread of the next test: what it does with one deadline.
void one_of_thousands(DeadlineClock& clock, std::mt19937& chance) {
  std::stop_source caller;
  const double soon_ms = static_cast<double>(chance() % 200) / 1000;
  switch (chance() % 4) {
    case 0: {  // it is made and destroyed, mostly before its moment
      const Deadline deadline(clock, caller.get_token(), soon_ms);
      break;
    }
    case 1: {
      const Deadline deadline(clock, caller.get_token(), soon_ms);
      wait_for(deadline.token());
      EXPECT_TRUE(deadline.passed());
      break;
    }
    case 2: {
      const Deadline deadline(clock, caller.get_token(), hour_ms);
      caller.request_stop();
      EXPECT_TRUE(deadline.token().stop_requested() && !deadline.passed());
      break;
    }
    default: {  // caller and moment race
      const Deadline deadline(clock, caller.get_token(), soon_ms);
      caller.request_stop();
      wait_for(deadline.token());
      break;
    }
  }
}

TEST(DeadlineClock, ThousandsComeAndGoOnSeveralThreads) {
  DeadlineClock clock;
  const Deadline far(clock, {}, hour_ms);
  {
    std::vector<std::jthread> threads;
    for (unsigned seed = 1; seed <= 4; ++seed) {
      threads.emplace_back([&clock, seed] {
        std::mt19937 chance(seed);
        for (int i = 0; i < 2000; ++i) one_of_thousands(clock, chance);
      });
    }
  }
  EXPECT_FALSE(far.token().stop_requested());
}

}  // namespace
}  // namespace fovea
