// ModelShape: the sizes and constants that define a model within its architecture. They are read from a GGUF
// pair to describe or check it, and written into a synthesised pair. A plain value; 0 means "not stated" in
// what was read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/llama/gguf/gguf_file.h"

namespace fovea::llama {

struct DecoderShape {
  std::string architecture;  // llama.cpp's word, such as "llama"
  std::uint32_t layers = 0;
  std::uint32_t width = 0;  // of a token's embedding
  std::uint32_t heads = 0;
  std::uint32_t heads_kv = 0;
  std::uint32_t head_width = 0;  // of keys and values; 0 = width / heads
  std::uint32_t ffn = 0;
  std::uint32_t context = 0;  // tokens it was trained for
  std::uint32_t vocabulary = 0;
  // The last tokens, itself included, that a token sees in sliding-window layers; 0 = there are no such
  // layers.
  std::uint32_t window = 0;
  // In hybrid models every so many layers one has attention, and the others are recurrent; 0 = all have
  // attention.
  std::uint32_t attention_interval = 0;
  std::uint32_t recurrent_heads = 0;
  std::uint32_t recurrent_width = 0;  // of a recurrent layer's keys and values
  double rope_base = 0;
  double norm_epsilon = 0;
};

struct VisionShape {
  std::string projector;  // libmtmd's word, such as "idefics3"
  std::uint32_t layers = 0;
  std::uint32_t width = 0;  // of a patch's embedding
  std::uint32_t heads = 0;
  std::uint32_t ffn = 0;
  std::uint32_t image_size = 0;      // pixels of a tile's side
  std::uint32_t patch_size = 0;      // pixels of a patch's side
  std::uint32_t merge = 1;           // this many patches squared become one token
  std::uint32_t image_size_max = 0;  // larger images are scaled to this side before tiling; 0 = they are not
  std::uint32_t queries = 0;         // of a resampler: a tile becomes this many tokens, of whatever size it is
  std::uint32_t projection = 0;      // width of what the projector gives to the decoder
  double norm_epsilon = 0;
};

struct ModelShape {
  // The families that can be synthesised, with the exact arithmetic of real models. A family has one
  // vocabulary and chat template.
  enum class Family : std::uint8_t { idefics3, llava, qwen_vl, gemma3, internvl, minicpmv };

  std::string name;
  Family family = Family::idefics3;
  DecoderShape decoder;
  VisionShape vision;
};

// What the metadata of a decoder or mmproj file states.
DecoderShape read_decoder_shape(const GgufFile& file);
VisionShape read_vision_shape(const GgufFile& file);

// The projector's name, from either key that files use; empty when there is none.
std::string_view projector_of(const GgufFile& file);

// The tokens of one tile, for projectors that make the same number of each; nullopt when they vary with the
// image.
std::optional<std::uint32_t> tokens_per_tile(const VisionShape& vision);

}  // namespace fovea::llama
