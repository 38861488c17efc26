// A model file as `fovea model info` shows it: lines for people, JSON for scripts. Thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "engine/llama/gguf/model_info.h"

namespace fovea::app {

// Several lines, each ended.
std::string model_info_text(const llama::ModelInfo& info);

// One object, without a line end.
std::string model_info_json(const llama::ModelInfo& info);

// A large count with three digits that matter: "812", "93.1 M", "6.74 B".
std::string count_text(std::uint64_t count);

}  // namespace fovea::app
