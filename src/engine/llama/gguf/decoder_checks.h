// Checks of the language model's file alone: its vocabulary, its numbers, and the tensors of the llama
// family. Hostile files are refused here with a sentence before libllama sees them. Pure functions;
// thread-safe.
#pragma once

#include <cstdint>

#include "engine/llama/gguf/gguf_file.h"
#include "fovea/result.h"

namespace fovea::llama {

// Accepts a decoder that can be loaded.
// Faults: invalid without a vocabulary, corrupt for impossible numbers and tensors.
Result<void> check_decoder(const GgufFile& decoder);

// Width of the embeddings that the decoder takes. They are wider than its own embeddings where the vision
// encoder also feeds its first layers (qwen3vl).
// REQUIRES: check_decoder passed.
std::int64_t decoder_input_width(const GgufFile& decoder);

}  // namespace fovea::llama
