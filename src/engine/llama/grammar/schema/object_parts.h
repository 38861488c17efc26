// ObjectParts: what the JSON Schema of an object says of its properties. Borrows the schema.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>

#include "engine/llama/grammar/schema/schema_rules.h"

namespace fovea::llama {

struct ObjectParts {
  const nlohmann::ordered_json& properties;  // by name, in their order
  std::set<std::string> required;
};

// Nullopt for a schema that it refuses, because these parts have not the form of any schema.
std::optional<ObjectParts> object_parts(SchemaRules& rules, const nlohmann::ordered_json& schema,
                                        const std::string& where);

}  // namespace fovea::llama
