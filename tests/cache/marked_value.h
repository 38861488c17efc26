// MarkedValue: a value whose every word depends on its owner and its version. Live values are counted.
//
// The destructor overwrites the words, so a reader of a freed value notices it without a sanitizer too.
// Thread-safe after construction.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "fovea/blob.h"

namespace fovea::test {

// The owner and version of a value.
struct Mark {
  std::uint64_t owner;    // the key, as the test counts them
  std::uint64_t version;  // written once

  friend bool operator==(const Mark&, const Mark&) = default;
};

// The word at `place` of a value of `words` words. The first three determine the others.
inline std::uint64_t marked_word(const Mark& mark, std::size_t words, std::size_t place) {
  if (place == 0) return mark.owner;
  if (place == 1) return mark.version;
  if (place == 2) return words;
  std::uint64_t mix = mark.owner * 0x9E3779B97F4A7C15u + mark.version * 0xC2B2AE3D27D4EB4Fu + place;
  mix = (mix ^ (mix >> 31)) * 0xD6E8FEB86659FD93u;
  return mix ^ (mix >> 32);
}

class MarkedValue {
 public:
  static constexpr std::size_t words_min = 3;
  static inline std::atomic<std::int64_t> alive = 0;

  MarkedValue(const Mark& mark, std::size_t words) : words_(words) {
    for (std::size_t i = 0; i < words; ++i) words_[i] = marked_word(mark, words, i);
    ++alive;
  }
  ~MarkedValue() {
    // Volatile, or the compiler would remove the stores, since no valid program reads them.
    for (volatile std::uint64_t& word : words_) word = 0xDEADDEADDEADDEADu;
    --alive;
  }
  MarkedValue(const MarkedValue&) = delete;
  MarkedValue& operator=(const MarkedValue&) = delete;

  // A new value of `words` words. REQUIRES: words >= words_min.
  static Blob make(const Mark& mark, std::size_t words) {
    auto value = std::make_shared<MarkedValue>(mark, words);
    const std::span<const std::byte> bytes = std::as_bytes(std::span(value->words_));
    return Blob::sharing(std::move(value), bytes);
  }

 private:
  std::vector<std::uint64_t> words_;
};

// The mark of `value`; nullopt if it is torn, truncated, freed or no marked value.
inline std::optional<Mark> mark_of(const Blob& value) {
  if (value.size() % sizeof(std::uint64_t) != 0) return std::nullopt;
  const std::span<const std::uint64_t> words = value.as<std::uint64_t>();
  if (words.size() < MarkedValue::words_min) return std::nullopt;
  const Mark mark{words[0], words[1]};
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] != marked_word(mark, words.size(), i)) return std::nullopt;
  }
  return mark;
}

}  // namespace fovea::test
