#include "engine/tools/schema_reference.h"

#include <exception>
#include <string>

namespace fovea {

using Json = nlohmann::ordered_json;

namespace {

constexpr int references_max = 32;  // one after the other; more are a circle

}  // namespace

const Json* referenced(const Json& root, std::string_view reference) {
  if (!reference.starts_with('#')) return nullptr;
  try {
    return &root.at(Json::json_pointer(std::string(reference.substr(1))));
  } catch (const std::exception&) {
    return nullptr;
  }
}

const Json* meant_schema(const Json& root, const Json& schema) {
  const Json* found = &schema;
  for (int i = 0; found != nullptr && i < references_max; ++i) {
    const auto reference = found->is_object() ? found->find("$ref") : found->end();
    if (reference == found->end()) return found;
    found = reference->is_string() ? referenced(root, reference->get_ref<const std::string&>()) : nullptr;
  }
  return nullptr;
}

}  // namespace fovea
