// A value is written in one spelling only, that of its JSON without white space, or of a plain string.
#include "engine/llama/grammar/schema/constants.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include "engine/llama/grammar/schema/keywords.h"

namespace fovea::llama {

using Json = nlohmann::ordered_json;

namespace {

bool is_of_type(const Json& value, std::string_view type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  return type == "integer" ? value.is_number_integer() : value.is_number();
}

const char* keyword_of(const Json& schema) { return schema.contains("const") ? "const" : "enum"; }

// REQUIRES: `enum` is a list.
std::span<const Json> constants(const Json& schema) {
  if (const auto one = schema.find("const"); one != schema.end()) return {&*one, 1};
  return schema.at("enum").get_ref<const Json::array_t&>();
}

}  // namespace

bool lists_constants(const Json& schema) { return schema.contains("const") || schema.contains("enum"); }

SchemaRules::Id constants_rule(SchemaRules& rules, const Json& schema, const std::string& where) {
  const char* keyword = keyword_of(schema);
  if (!takes_only(rules, schema, {keyword, "type"}, where)) return GbnfRules::value;
  if (!schema.contains("const") && !schema.at("enum").is_array())
    return rules.refuse(Fault::invalid, where + "/enum", "is no list of values");
  const auto type = schema.find("type");
  const auto types = type == schema.end() ? std::vector<std::string>() : types_named(rules, *type, where);
  std::string text;
  for (const Json& value : constants(schema)) {
    const auto is_it = [&](const std::string& one) { return is_of_type(value, one); };
    if (!types.empty() && std::ranges::none_of(types, is_it)) continue;
    text += (text.empty() ? "" : " | ") + GbnfRules::literal(value.dump());
    rules.grammar().spend(1);
  }
  if (text.empty())
    return rules.refuse(Fault::invalid, where + "/" + keyword, "leaves no value of the type that is asked for");
  return rules.grammar().text(text);
}

std::string plain_constants(SchemaRules& rules, const Json& schema, const std::string& where) {
  std::string text;
  for (const Json& value : constants(schema)) {
    if (!value.is_string()) continue;
    const auto& written = value.get_ref<const std::string&>();
    if (written.find_first_of("<\n") != std::string::npos) {
      rules.pass_over(where, "has a value that cannot stand between tags: leave out '<' and line breaks");
      return {};
    }
    text += (text.empty() ? "" : " | ") + GbnfRules::literal(written);
  }
  return "( " + text + " )";
}

}  // namespace fovea::llama
