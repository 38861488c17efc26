// Gate: something that many wait for, and that happens once.
//
// Who waits goes on in an action of its own, in the order in which they came. Not thread-safe. Borrows the
// timeline. It must outlive those who wait, who hold it by a shared pointer where its owner may go first.
#pragma once

#include <coroutine>
#include <vector>

#include "cluster/network/timeline.h"

namespace fovea {

class Gate {
 public:
  explicit Gate(Timeline& timeline) : timeline_(timeline) {}

  bool is_open() const { return open_; }
  void open() {
    if (open_) return;
    open_ = true;
    for (const std::coroutine_handle<> waiting : waiting_) timeline_.after(0, [waiting] { waiting.resume(); });
    waiting_.clear();
  }

  // For co_await: goes on when it is open.
  auto passed() {
    struct Wait {
      Gate& gate;

      bool await_ready() const { return gate.open_; }
      void await_suspend(std::coroutine_handle<> waiting) const { gate.waiting_.push_back(waiting); }
      void await_resume() const {}
    };
    return Wait{*this};
  }

 private:
  Timeline& timeline_;
  bool open_ = false;
  std::vector<std::coroutine_handle<>> waiting_;
};

}  // namespace fovea
