// The numbers that a JSON Schema takes, as rules of a grammar. The bounds of numbers with fractions have to
// be whole. Pure functions except for the rules that they add and what they refuse.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "engine/llama/grammar/schema/schema_rules.h"

namespace fovea::llama {

SchemaRules::Id number_rule(SchemaRules& rules, const nlohmann::ordered_json& schema, const std::string& where);
SchemaRules::Id integer_rule(SchemaRules& rules, const nlohmann::ordered_json& schema, const std::string& where);

}  // namespace fovea::llama
