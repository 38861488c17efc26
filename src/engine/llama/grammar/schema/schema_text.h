// parse_schema: the text of a JSON Schema, as a client sends it. Pure; thread-safe.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "fovea/result.h"

namespace fovea::llama {

// An object. Its size and its nesting are bounded. Faults: those of json_grammar, for text that is no schema.
Result<nlohmann::ordered_json> parse_schema(std::string_view text);

}  // namespace fovea::llama
