// What is known about libmtmd's projectors: their names, and the layers that turn patches into the decoder's
// embeddings.
//
// The names are those that libmtmd 0.7 knows for pictures. Detail is kept for the projectors of common models only;
// the others are known by name. Thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/llama/gguf/gguf_file.h"

namespace fovea::llama {

// True for a projector that libmtmd can use for pictures.
bool is_known_projector(std::string_view projector);
// True for one that libmtmd uses for sound only.
bool is_audio_projector(std::string_view projector);

// The linear layers of a projector in order, without ".weight": each must take what the one before gives.
// Empty for projectors that are not plain chains.
std::span<const std::string_view> projector_chain(std::string_view projector);

// Width of the embeddings that the mmproj makes; 0 when the projector's layout is not known.
std::int64_t projection_width(const GgufFile& mmproj);

}  // namespace fovea::llama
