// ModelShape: the numbers that make an architecture a model. Read from a GGUF pair to describe or check it, and written
// into a synthesised pair. A plain value; 0 stands for "not stated" in what was read.
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
  std::uint32_t ffn = 0;
  std::uint32_t context = 0;  // tokens it was trained for
  std::uint32_t vocabulary = 0;
  std::uint32_t window =
      0;  // the last tokens, itself included, that a token sees in sliding-window layers; 0 = has none
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
  std::uint32_t image_size_max = 0;  // larger pictures are scaled to this side before they are cut; 0 = no tiles
  std::uint32_t projection = 0;      // width of what the projector hands to the decoder
  double norm_epsilon = 0;
};

struct ModelShape {
  // The two families that can be synthesised; what they share with a real model is its exact arithmetic.
  enum class Family : std::uint8_t { idefics3, llava };

  std::string name;
  Family family = Family::idefics3;
  DecoderShape decoder;
  VisionShape vision;
};

// What the metadata of a decoder or mmproj file states.
DecoderShape read_decoder_shape(const GgufFile& file);
VisionShape read_vision_shape(const GgufFile& file);

// The projector's name, wherever the file keeps it; empty when it names none.
std::string_view projector_of(const GgufFile& file);

// Tokens that one tile becomes, for projectors whose tiles have one size; nullopt when it varies with the picture.
std::optional<std::uint32_t> tokens_per_tile(const VisionShape& vision);

}  // namespace fovea::llama
