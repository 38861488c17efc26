// The values that a JSON Schema lists (`const`, `enum`), as a grammar. Pure functions except for the rules
// that they add and what they refuse.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "engine/llama/grammar/schema/schema_rules.h"

namespace fovea::llama {

bool lists_constants(const nlohmann::ordered_json& schema);

// Those of the type that the schema asks for, as JSON. REQUIRES: lists_constants(schema).
SchemaRules::Id constants_rule(SchemaRules& rules, const nlohmann::ordered_json& schema, const std::string& where);

// The strings among them, as plain text between tags. Empty for any text, where one of them is passed over.
// REQUIRES: constants_rule does not refuse the schema, and one of its values is a string.
std::string plain_constants(SchemaRules& rules, const nlohmann::ordered_json& schema, const std::string& where);

}  // namespace fovea::llama
