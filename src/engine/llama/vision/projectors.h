// Projectors: the layers behind a vision encoder that turn patches into the decoder's embeddings, as libmtmd
// knows them.
//
// The names are those that libmtmd 0.7 knows. Layers are listed for the projectors of common models only; the
// others are known by name. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/llama/gguf/gguf_file.h"

namespace fovea::llama {

// True for a projector that libmtmd can use for images.
bool is_known_projector(std::string_view projector);
// True for one that libmtmd uses for sound only.
bool is_audio_projector(std::string_view projector);

// The linear layers of a projector in order, without ".weight". Each takes what the one before gives. Empty
// for projectors that are not such a row of layers.
std::span<const std::string_view> projector_layers(std::string_view projector);

// Width of the embeddings that the mmproj makes; 0 when the projector's layout is not known.
std::int64_t projection_width(const GgufFile& mmproj);

}  // namespace fovea::llama
