// Checks of the language model's file alone: its vocabulary, its numbers, and the tensors of the llama family.
// Thread-safe.
#pragma once

#include <cstdint>

#include "engine/llama/gguf/gguf_file.h"
#include "fovea/result.h"

namespace fovea::llama {

// Accepts a decoder that can be loaded. Faults: invalid without a vocabulary, corrupt for numbers and tensors that
// cannot be.
Result<void> check_decoder(const GgufFile& decoder);

// Width of the embeddings that the decoder reads. Wider than its own embeddings where a model also feeds its first
// layers from the vision encoder (qwen3vl). REQUIRES: check_decoder passed.
std::int64_t decoder_input_width(const GgufFile& decoder);

}  // namespace fovea::llama
