// schema_reference: where the references ($ref) of a JSON Schema lead. Only those within the schema are
// followed. Pure functions; thread-safe. What they return points into the schema.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace fovea {

// What a reference like #/$defs/name names in `root`; null if it names nothing there.
const nlohmann::ordered_json* referenced(const nlohmann::ordered_json& root, std::string_view reference);

// The schema that the references of `schema`, a part of `root`, lead to, or `schema` itself if it has none.
// Null for references that lead nowhere, in a circle, or over very many others.
const nlohmann::ordered_json* meant_schema(const nlohmann::ordered_json& root, const nlohmann::ordered_json& schema);

}  // namespace fovea
