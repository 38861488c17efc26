#include "engine/llama/onednn/row_block.h"

#include <algorithm>
#include <cstring>

namespace fovea::llama {

RowBlock::RowBlock(std::int64_t rows, std::int64_t length, std::int64_t stride, bool bfloat16, Primitives& primitives)
    : rows_(rows),
      length_(length),
      stride_(stride),
      to_bfloat16_(bfloat16 ? primitives.row_packings.get(rows, length, stride) : nullptr) {}

std::size_t RowBlock::scratch_bytes() const {
  if (!copies()) return 0;
  return static_cast<std::size_t>(padded_rows() * length_) * (to_bfloat16_ != nullptr ? 2 : sizeof(float));
}

const void* RowBlock::prepare(const float* from, Scratch& scratch) const {
  if (!copies()) return from;
  auto* to = static_cast<std::byte*>(scratch.at(Scratch::input));
  const std::size_t number = to_bfloat16_ != nullptr ? 2 : sizeof(float);
  const std::size_t row = static_cast<std::size_t>(length_) * number;
  if (to_bfloat16_ != nullptr) {
    to_bfloat16_->run(scratch.stream(), from, to);
  } else {
    for (std::int64_t i = 0; i < rows_; ++i)
      std::memcpy(to + static_cast<std::size_t>(i) * row, from + i * stride_, row);
  }
  const auto filled = static_cast<std::size_t>(rows_) * row;
  std::fill(to + filled, to + scratch_bytes(), std::byte{0});
  return to;
}

}  // namespace fovea::llama
