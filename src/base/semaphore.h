// Semaphore: at most so many holders at a time. Thread-safe.
//
// std::counting_semaphore neither tells how many permits are out nor gives one back by itself; a server reports the one
// and must never forget the other.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

namespace fovea {

class Semaphore {
 public:
  explicit Semaphore(std::uint32_t permits_max) : permits_max_(permits_max) {}
  Semaphore(const Semaphore&) = delete;
  Semaphore& operator=(const Semaphore&) = delete;

  struct Release {
    void operator()(Semaphore* semaphore) const {
      --semaphore->held_;
      semaphore->held_.notify_one();
    }
  };
  // One of them, given back when it is destroyed; null is none.
  using Permit = std::unique_ptr<Semaphore, Release>;

  // Null where all are held.
  Permit try_acquire() {
    std::uint32_t held = held_;
    while (held < permits_max_) {
      if (held_.compare_exchange_weak(held, held + 1)) return Permit(this);
    }
    return nullptr;
  }

  // Waits until one is free. REQUIRES: there are any.
  Permit acquire() {
    for (;;) {
      if (Permit permit = try_acquire()) return permit;
      held_.wait(permits_max_);
    }
  }

  std::uint32_t permits_max() const { return permits_max_; }
  std::uint32_t held() const { return held_; }

 private:
  const std::uint32_t permits_max_;
  std::atomic<std::uint32_t> held_ = 0;
};

}  // namespace fovea
