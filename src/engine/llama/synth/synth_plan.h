// SynthFile: what a synthesised file consists of: its metadata and, for every tensor, its shape, its type and
// how its numbers are drawn. Pure functions; the file owns its writer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/llama/gguf/gguf_writer.h"
#include "engine/llama/gguf/model_shape.h"

namespace fovea::llama {

// How a tensor's numbers are drawn: around `mean` with the standard deviation `spread`, except for rows of
// zeros.
struct Draw {
  float mean = 0;
  float spread = 0;
  std::vector<std::int64_t> zero_rows;  // ascending
};

struct SynthFile {
  GgufWriter writer;        // with metadata and tensors
  std::vector<Draw> draws;  // one for each tensor of the writer
};

// The two files of `shape` with matrices of `type` (a ggml type number).
SynthFile plan_decoder(const ModelShape& shape, std::int32_t type);
SynthFile plan_mmproj(const ModelShape& shape, std::int32_t type);

}  // namespace fovea::llama
