// Places: so many of something at a time, and no more. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

namespace fovea {

class Places {
 public:
  explicit Places(std::uint32_t max) : max_(max) {}
  Places(const Places&) = delete;
  Places& operator=(const Places&) = delete;

  struct Leave {
    void operator()(Places* places) const {
      --places->taken_;
      places->taken_.notify_one();
    }
  };
  // One of them, given back when it goes; null is none.
  using Place = std::unique_ptr<Places, Leave>;

  // Null where all are taken.
  Place try_take() {
    std::uint32_t taken = taken_;
    while (taken < max_) {
      if (taken_.compare_exchange_weak(taken, taken + 1)) return Place(this);
    }
    return nullptr;
  }

  // Waits until one is free. REQUIRES: there are any.
  Place take() {
    for (;;) {
      if (Place place = try_take()) return place;
      taken_.wait(max_);
    }
  }

  std::uint32_t max() const { return max_; }
  std::uint32_t taken() const { return taken_; }

 private:
  const std::uint32_t max_;
  std::atomic<std::uint32_t> taken_ = 0;
};

}  // namespace fovea
