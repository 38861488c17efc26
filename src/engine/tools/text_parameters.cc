#include "engine/tools/text_parameters.h"

#include <algorithm>

#include "engine/tools/schema_reference.h"

namespace fovea {

using Json = nlohmann::ordered_json;

namespace {

constexpr int depth_max = 128;  // brackets; no schema that is enforced has more

}  // namespace

bool takes_text_only(const Json& root, const Json& schema) {
  const Json* found = meant_schema(root, schema);
  if (found == nullptr || !found->is_object()) return false;
  if (const auto type = found->find("type"); type != found->end()) return *type == "string";
  if (const auto value = found->find("const"); value != found->end()) return value->is_string();
  const auto values = found->find("enum");
  return values != found->end() && values->is_array() && !values->empty() &&
         std::ranges::all_of(*values, &Json::is_string);
}

std::set<std::string> text_parameters(std::string_view schema) {
  std::set<std::string> names;
  const auto shallow = [](int depth, Json::parse_event_t, const Json&) { return depth <= depth_max; };
  const Json root = Json::parse(schema, shallow, false);
  if (!root.is_object()) return names;
  const auto properties = root.find("properties");
  if (properties == root.end() || !properties->is_object()) return names;
  for (const auto& [name, property] : properties->items()) {
    if (takes_text_only(root, property)) names.insert(name);
  }
  return names;
}

}  // namespace fovea
