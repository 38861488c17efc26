// The vocabulary of a synthesised model: every byte, every special token its projector needs, and made-up words up to the
// size of the real one. Any text tokenises (byte by byte); answers consist of the words. A plain value, built in one go.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/llama/gguf/model_shape.h"

namespace fovea::llama {

struct SynthVocabulary {
  std::string model;          // llama.cpp's word for the tokeniser: "gpt2" (byte pairs) or "llama" (sentence pieces)
  std::string pre;            // how byte pairs split text into words first; empty for sentence pieces
  std::string chat_template;  // Jinja
  std::vector<std::string> tokens;
  std::vector<std::int32_t> types;
  std::vector<float> scores;        // sentence pieces only
  std::vector<std::string> merges;  // byte pairs only
  std::vector<std::int64_t>
      silent;  // tokens that must never be chosen, rising: their rows of the output matrix are zero
  std::uint32_t bos = 0;
  std::uint32_t eos = 0;
  bool add_bos = false;
};

// REQUIRES: the shape's vocabulary has room for the bytes and the special tokens (vocabulary_min).
SynthVocabulary make_synth_vocabulary(const ModelShape& shape);

// The least vocabulary size that make_synth_vocabulary takes.
std::uint32_t vocabulary_min(const ModelShape& shape);

}  // namespace fovea::llama
