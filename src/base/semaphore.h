// Semaphore: a fixed number of permits. Thread-safe. It must outlive its permits.
//
// std::counting_semaphore cannot tell how many permits are held, and does not release one by itself. A server
// reports the number, and must never lose a permit.
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
  // One permit, released when it is destroyed; null is no permit.
  using Permit = std::unique_ptr<Semaphore, Release>;

  // A permit, or null where all are held.
  Permit try_acquire() {
    std::uint32_t held = held_;
    while (held < permits_max_) {
      if (held_.compare_exchange_weak(held, held + 1)) return Permit(this);
    }
    return nullptr;
  }

  // Waits for a free permit. REQUIRES: permits_max() > 0.
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
