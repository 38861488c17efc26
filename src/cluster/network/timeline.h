// Timeline: the virtual clock, and what is to happen on it.
//
// Milliseconds since the simulation's start. Things that happen at the same moment happen in the order in
// which they were asked for. Not thread-safe.
#pragma once

#include <coroutine>
#include <functional>

#include "base/clock.h"

namespace fovea {

class Timeline : public Clock {
 public:
  using Action = std::move_only_function<void()>;

  // `action` in `ms`, not within this call.
  virtual void after(double ms, Action action) = 0;

  // For co_await: goes on in `ms`.
  auto wait(double ms) {
    struct Wait {
      Timeline& timeline;
      double ms;

      bool await_ready() const { return ms <= 0; }
      void await_suspend(std::coroutine_handle<> waiting) const {
        timeline.after(ms, [waiting] { waiting.resume(); });
      }
      void await_resume() const {}
    };
    return Wait{*this, ms};
  }
};

}  // namespace fovea
