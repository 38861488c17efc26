// SPDX-License-Identifier: Apache-2.0

#include "miss_clock.h"

#include <algorithm>

namespace fovea::python {

MissClock& MissClock::here() {
  static thread_local MissClock clock;
  return clock;
}

void MissClock::missed(const void* cache, std::span<const Key> keys) {
  cache_ = cache;
  count_ = std::min(keys.size(), keys_max);
  std::ranges::copy(keys.first(count_), keys_.begin());
  each_ms_.reset();
  at_ = std::chrono::steady_clock::now();
}

std::optional<double> MissClock::cost_ms(const void* cache, const Key& key) {
  if (cache != cache_) return std::nullopt;
  const auto missed = std::span(keys_).first(count_);
  if (!std::ranges::contains(missed, key)) return std::nullopt;
  if (!each_ms_) {
    const std::chrono::duration<double, std::milli> passed = std::chrono::steady_clock::now() - at_;
    each_ms_ = passed.count() / static_cast<double>(count_);
  }
  return each_ms_;
}

}  // namespace fovea::python
