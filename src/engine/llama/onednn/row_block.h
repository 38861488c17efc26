// RowBlock: rows of a float32 matrix as a product takes them: in its numbers, and with rows of zeros behind
// where their count is odd for the library.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "engine/llama/onednn/primitives.h"
#include "engine/llama/onednn/scratch.h"

namespace fovea::llama {

class RowBlock {
 public:
  RowBlock() = default;
  // `rows` of `length` numbers each, `stride` elements apart. Throws dnnl::error.
  RowBlock(std::int64_t rows, std::int64_t length, std::int64_t stride, bool bfloat16, Primitives& primitives);

  std::int64_t rows() const { return rows_; }
  // The rows that are computed: a multiple of 16, since the library is slow at others.
  std::int64_t padded_rows() const { return (rows_ + 15) / 16 * 16; }
  bool padded() const { return padded_rows() != rows_; }
  // From one row to the next in what prepare() returns.
  std::int64_t prepared_stride() const { return copies() ? length_ : stride_; }
  // The bytes of Scratch::input that prepare() uses.
  std::size_t scratch_bytes() const;

  // The rows at `from`, as the product takes them; in the scratch, or where they are.
  const void* prepare(const float* from, Scratch& scratch) const;

 private:
  bool copies() const { return to_bfloat16_ != nullptr || padded(); }

  std::int64_t rows_ = 0, length_ = 0, stride_ = 0;
  std::shared_ptr<const Packing> to_bfloat16_;  // null for float32
};

}  // namespace fovea::llama
