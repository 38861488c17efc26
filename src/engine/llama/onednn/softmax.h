// Softmax: of each row of a float32 matrix [rows x columns], as a oneDNN primitive on one thread. Immutable
// once made; several threads may run one, each with its own scratch.
#pragma once

#include <dnnl.hpp>

#include <cstdint>

#include "engine/llama/onednn/scratch.h"

namespace fovea::llama {

class Softmax {
 public:
  // The result is bfloat16 or float32. Throws dnnl::error.
  Softmax(const dnnl::engine& engine, std::int64_t rows, std::int64_t columns, bool bfloat16);

  std::size_t library_bytes() const { return library_.get_size(); }
  // Uses the scratch's `library` buffer. `to` may be `from` where the result is float32.
  void run(Scratch& scratch, const float* from, void* to) const;

 private:
  dnnl::engine engine_;
  dnnl::memory::desc from_, to_, library_;
  dnnl::softmax_forward primitive_;
};

}  // namespace fovea::llama
