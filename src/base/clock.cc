#include "base/clock.h"

namespace fovea {

namespace {
class SteadyClock final : public Clock {
 public:
  double now_ms() const override {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
  }
};
class WallClock final : public Clock {
 public:
  double now_ms() const override { return unix_time_ms(); }
};
}  // namespace

const Clock& Clock::steady() {
  static const SteadyClock clock;
  return clock;
}

const Clock& Clock::wall() {
  static const WallClock clock;
  return clock;
}

double unix_time_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace fovea
