// SPDX-License-Identifier: Apache-2.0

// Messages: what the tiers tell, kept until a thread of Python takes it to the logger "fovea".
//
// A tier tells on threads of its own. They never wait for the GIL: a process that ends may never give it to
// them. Thread-safe. Bounded: what is not taken in time is dropped, the oldest first.
#pragma once

#include <atomic>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace fovea::python {

class Messages {
 public:
  void add(std::string_view sentence) {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() == waiting_max) waiting_.pop_front();
    waiting_.emplace_back(sentence);
    any_ = true;
  }
  bool any() const { return any_.load(std::memory_order_relaxed); }
  std::deque<std::string> take() {
    const std::lock_guard lock(mutex_);
    any_ = false;
    return std::exchange(waiting_, {});
  }

 private:
  static constexpr std::size_t waiting_max = 64;

  std::mutex mutex_;
  std::deque<std::string> waiting_;
  std::atomic<bool> any_ = false;
};

}  // namespace fovea::python
