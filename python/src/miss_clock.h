// SPDX-License-Identifier: Apache-2.0

// MissClock: what a value cost whose cost nobody said: the time between the look-up that missed it and its
// insertion, by the same thread.
//
// "if (value := level.get(key)) is None: level[key] = encode(picture)" is how dictionaries are used, and that
// time is what a hit saves. Keys that one get_many missed share what passed until the first of them came.
#pragma once

#include <chrono>
#include <optional>
#include <span>

#include "fovea/key.h"

namespace fovea::python {

class MissClock {
 public:
  // This thread's.
  static MissClock& here();

  // `cache` has just missed these keys.
  void missed(const void* cache, std::span<const Key> keys);
  // What a value that is stored now has taken; nullopt where its key was not among the last that were missed.
  std::optional<double> cost_ms(const void* cache, const Key& key);

 private:
  static constexpr std::size_t keys_max = 64;

  const void* cache_ = nullptr;
  std::size_t count_ = 0;
  std::array<Key, keys_max> keys_{};
  std::chrono::steady_clock::time_point at_;
  std::optional<double> each_ms_;  // once the first has come
};

}  // namespace fovea::python
