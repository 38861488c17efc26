// What a server tells about its model, to llama-server's clients: /props and /slots. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/engine.h"

namespace fovea::serve {

// GET /props. `defaults` are those of requests that say nothing. No path of a file is told.
// `draft_obstacle` is the engine's.
std::string props_json(const ModelFacts& facts, const GenerateOptions& defaults, std::string_view model,
                       std::string_view draft_obstacle = "");

// GET /slots: of the slots, `computing` are busy.
std::string slots_json(const ModelFacts& facts, std::uint32_t computing, std::string_view draft_obstacle = "");

}  // namespace fovea::serve
