// The strings that a JSON Schema takes by its pattern, format and lengths, as a grammar. Pure functions
// except for the rules that they add and what they refuse.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "engine/llama/grammar/schema/schema_rules.h"

namespace fovea::llama {

// As JSON, with quotes and escapes.
SchemaRules::Id string_rule(SchemaRules& rules, const nlohmann::ordered_json& schema, const std::string& where);

// As plain text between tags, so without '<'. Empty for any text.
// REQUIRES: string_rule does not refuse the schema.
std::string plain_string(SchemaRules& rules, const nlohmann::ordered_json& schema, const std::string& where);

}  // namespace fovea::llama
