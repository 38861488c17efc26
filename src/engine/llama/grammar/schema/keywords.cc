// A keyword that is not known could be one that restricts the value. So it is refused or passed over, except
// for those that only describe.
#include "engine/llama/grammar/schema/keywords.h"

#include <algorithm>
#include <format>

namespace fovea::llama {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::size_t types_max = 7;

// `nullable` is OpenAPI's: null may be written, but need not be.
constexpr std::array<std::string_view, 22> annotations{
    "title",       "description", "default",       "examples",        "example",          "$schema",       "$id",
    "$anchor",     "$comment",    "$vocabulary",   "strict",          "deprecated",       "readOnly",      "writeOnly",
    "$defs",       "definitions", "discriminator", "contentEncoding", "contentMediaType", "contentSchema", "nullable",
    "externalDocs"};

// Whether a keyword only describes, or its value asks for nothing.
bool asks_for_nothing(std::string_view keyword, const Json& value) {
  if (keyword.starts_with("x-") || std::ranges::contains(annotations, keyword)) return true;
  if (keyword == "uniqueItems") return value == false;
  if (keyword == "minProperties") return value == 0;
  constexpr std::array<std::string_view, 3> lists{"patternProperties", "dependentRequired", "dependentSchemas"};
  return std::ranges::contains(lists, keyword) && value.is_object() && value.empty();
}

template <typename Keywords = std::initializer_list<const char*>>
bool has_any(const Json& schema, const Keywords& keywords) {
  return std::ranges::any_of(keywords, [&](const char* keyword) { return schema.contains(keyword); });
}

std::string implied_type(const Json& schema) {
  if (has_any(schema, {"properties", "required", "additionalProperties"})) return "object";
  if (has_any(schema, {"items", "prefixItems", "minItems", "maxItems"})) return "array";
  if (has_any(schema, {"minLength", "maxLength", "format", "pattern"})) return "string";
  if (has_any(schema, number_bounds)) return "number";
  return "value";
}

}  // namespace

bool takes_only(SchemaRules& rules, const Json& schema, std::initializer_list<std::string_view> keywords,
                const std::string& where) {
  for (const auto& [keyword, value] : schema.items()) {
    if (std::ranges::contains(keywords, keyword) || asks_for_nothing(keyword, value)) continue;
    if (!rules.pass_over(
            std::format("{}/{}", where, keyword),
            std::format("uses '{}', which cannot be kept to here: leave it out, and check the answer for it", keyword)))
      return false;
  }
  return true;
}

bool has_type_keywords(const Json& schema) { return implied_type(schema) != "value"; }

bool says_type(const Json& schema, const Json& type) {
  const auto own = schema.find("type");
  const Json said = own == schema.end() ? Json(implied_type(schema)) : *own;
  return said == type || (type.is_array() && std::ranges::any_of(type, [&](const Json& one) { return one == said; }));
}

std::vector<std::string> types_of(SchemaRules& rules, const Json& schema, const std::string& where) {
  if (!takes_only(
          rules, schema,
          {"type", "properties", "required", "additionalProperties", "items", "prefixItems", "minItems", "maxItems",
           "minLength", "maxLength", "format", "pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
          where))
    return {"value"};
  const auto type = schema.find("type");
  if (type == schema.end()) return {implied_type(schema)};
  return types_named(rules, *type, where);
}

std::vector<std::string> types_named(SchemaRules& rules, const Json& type, const std::string& where) {
  if (type.is_string()) return {type.get<std::string>()};
  if (type.size() > types_max) {
    rules.refuse(Fault::invalid, where + "/type",
                 std::format("names more than the {} types that there are", types_max));
    return {"value"};
  }
  std::vector<std::string> types;
  for (const Json& one : type) {
    if (one.is_string() && !std::ranges::contains(types, one.get<std::string>()))
      types.push_back(one.get<std::string>());
  }
  if (!type.is_array() || types.empty() || types.size() != type.size()) {
    rules.refuse(Fault::invalid, where + "/type", "is no type and no list of different types");
    return {"value"};
  }
  return types;
}

}  // namespace fovea::llama
