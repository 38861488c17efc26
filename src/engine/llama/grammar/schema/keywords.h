// What the keywords of one JSON Schema say of it, without the schemas inside: which types it takes, and
// whether it uses something that is not known here. Pure functions except for what they refuse.
#pragma once

#include <array>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engine/llama/grammar/schema/schema_rules.h"

namespace fovea::llama {

inline constexpr std::array<const char*, 4> number_bounds{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"};

// Whether `schema` has these keywords, annotations, and others that are passed over. Refuses the first other
// one.
bool takes_only(SchemaRules& rules, const nlohmann::ordered_json& schema,
                std::initializer_list<std::string_view> keywords, const std::string& where);

// The types that `schema` takes. Where it names none, its other keywords tell; "value" if they do not either.
std::vector<std::string> types_of(SchemaRules& rules, const nlohmann::ordered_json& schema, const std::string& where);

// Whether `schema` has keywords of a type's values, like properties or minLength.
bool has_type_keywords(const nlohmann::ordered_json& schema);

// Whether `schema` says, by its type or by other keywords, that its values are of `type`, the "type" of
// another.
bool says_type(const nlohmann::ordered_json& schema, const nlohmann::ordered_json& type);

// The types that `type` names, which is what a schema has under "type"; `where` is the schema's.
std::vector<std::string> types_named(SchemaRules& rules, const nlohmann::ordered_json& type, const std::string& where);

}  // namespace fovea::llama
