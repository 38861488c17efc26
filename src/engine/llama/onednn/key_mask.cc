#include "engine/llama/onednn/key_mask.h"

#include <algorithm>
#include <array>

namespace fovea::llama {

namespace {

constexpr ggml_fp16_t visible = 0;
constexpr ggml_fp16_t hidden = 0xFC00;  // minus infinity

}  // namespace

bool KeyMask::fits(const ggml_tensor& mask) {
  return mask.type == GGML_TYPE_F16 && mask.nb[0] == sizeof(ggml_fp16_t) && mask.ne[2] == 1 && mask.ne[3] == 1;
}

const ggml_fp16_t* KeyMask::row(std::int64_t query, std::int64_t key) const {
  const auto* rows = static_cast<const std::byte*>(mask_.data);
  return reinterpret_cast<const ggml_fp16_t*>(rows + static_cast<std::size_t>(query) * mask_.nb[1]) + key;
}

KeyMask::Sight KeyMask::sight(std::int64_t query, std::int64_t queries, std::int64_t key, std::int64_t keys) const {
  bool any_seen = false, any_changed = false;
  for (std::int64_t i = query; i < query + queries; ++i) {
    const ggml_fp16_t* mask = row(i, key);
    unsigned seen = 0, changed = 0;  // whole rows without a branch, so that the compiler makes vectors of it
    for (std::int64_t j = 0; j < keys; ++j) {
      seen |= static_cast<unsigned>(mask[j] ^ hidden);
      changed |= static_cast<unsigned>(mask[j] ^ visible);
    }
    any_seen = any_seen || seen != 0;
    any_changed = any_changed || changed != 0;
  }
  if (!any_seen) return Sight::nothing;
  return any_changed ? Sight::some : Sight::all;
}

void KeyMask::add(std::int64_t query, std::int64_t key, std::int64_t keys, float* scores) const {
  std::array<float, 256> mask;
  for (std::int64_t first = 0; first < keys; first += std::ssize(mask)) {
    const std::int64_t count = std::min<std::int64_t>(keys - first, std::ssize(mask));
    ggml_fp16_to_fp32_row(row(query, key + first), mask.data(), count);
    for (std::int64_t i = 0; i < count; ++i) scores[first + i] += mask[static_cast<std::size_t>(i)];
  }
}

}  // namespace fovea::llama
