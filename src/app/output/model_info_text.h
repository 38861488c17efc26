// How `fovea model info` shows a model file: as lines for people, as JSON for scripts.
#pragma once

#include <cstdint>
#include <string>

#include "engine/llama/gguf/model_info.h"

namespace fovea::app {

// A few lines, each ended.
std::string model_info_text(const llama::ModelInfo& info);

// One object, without a line end.
std::string model_info_json(const llama::ModelInfo& info);

// A large count with three digits that matter: "812", "93.1 M", "6.74 B".
std::string count_text(std::uint64_t count);

}  // namespace fovea::app
