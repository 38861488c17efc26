#include "engine/llama/grammar/schema/object_parts.h"

#include <algorithm>

namespace fovea::llama {

using Json = nlohmann::ordered_json;

std::optional<ObjectParts> object_parts(SchemaRules& rules, const Json& schema, const std::string& where) {
  static const Json none = Json::object();
  static const Json nobody = Json::array();
  const auto properties = schema.find("properties");
  const auto required = schema.find("required");
  const Json& named = properties == schema.end() ? none : *properties;
  const Json& needed = required == schema.end() ? nobody : *required;
  if (!named.is_object()) {
    rules.refuse(Fault::invalid, where + "/properties", "is no object");
    return std::nullopt;
  }
  if (!needed.is_array() || !std::ranges::all_of(needed, &Json::is_string)) {
    rules.refuse(Fault::invalid, where + "/required", "is no list of names");
    return std::nullopt;
  }
  return ObjectParts{named, needed.get<std::set<std::string>>()};
}

}  // namespace fovea::llama
