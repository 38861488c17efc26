// text_parameters: which of a tool's parameters a form with tags writes as plain text, without quotes and
// escapes. All others are written as JSON. Pure functions; thread-safe.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>

namespace fovea {

// The names of the parameters that take strings only, of a tool with this JSON Schema. Empty for text that
// is no schema.
std::set<std::string> text_parameters(std::string_view schema);

// Whether `schema`, a part of the schema `root`, takes strings only, as far as its type or its values say so.
bool takes_text_only(const nlohmann::ordered_json& root, const nlohmann::ordered_json& schema);

}  // namespace fovea
