// numbered_key: keys of scopes, sessions and pictures for tests, by number. SetClock: a clock that a test
// sets. Thread-safe.
#pragma once

#include <atomic>
#include <string_view>

#include "base/clock.h"
#include "fovea/key.h"

namespace fovea {

inline Key numbered_key(std::string_view what, int number) {
  return KeyBuilder("fovea/test/prefetch").field(what).field(number).finish();
}
inline Key scope_key(int number) { return numbered_key("scope", number); }
inline Key session_key(int number) { return numbered_key("session", number); }
inline Key picture_key(int number) { return numbered_key("picture", number); }

class SetClock final : public Clock {
 public:
  double now_ms() const override { return now; }
  std::atomic<double> now = 0;
};

}  // namespace fovea
