// KeyMask: which keys a query may see, as ggml's attention takes it: float16 [keys x queries], which is added
// to the scores; minus infinity hides a key. Borrows the mask's tensor data.
#pragma once

#include <ggml.h>

#include <cstdint>

namespace fovea::llama {

class KeyMask {
 public:
  // What a block of queries sees of a chunk of keys.
  enum class Sight : std::uint8_t { nothing, all, some };

  // Whether a mask can be read: float16, and the same for all heads.
  static bool fits(const ggml_tensor& mask);

  // REQUIRES: fits(mask).
  explicit KeyMask(const ggml_tensor& mask) : mask_(mask) {}

  Sight sight(std::int64_t query, std::int64_t queries, std::int64_t key, std::int64_t keys) const;

  // Adds the mask of `keys` keys from `key` on, as `query` sees them, to its scores.
  void add(std::int64_t query, std::int64_t key, std::int64_t keys, float* scores) const;

 private:
  const ggml_fp16_t* row(std::int64_t query, std::int64_t key) const;

  ggml_tensor mask_;
};

}  // namespace fovea::llama
