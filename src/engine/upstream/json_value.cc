#include "engine/upstream/json_value.h"

#include <glaze/json.hpp>

namespace fovea {

namespace {
struct StrictJson : glz::opts {
  bool validate_trailing_whitespace = true;  // nothing may follow the value
  bool escape_control_characters = true;
};
constexpr StrictJson strict{{glz::opts{.null_terminated = false}}};
}  // namespace

std::optional<Json> parse_json(std::string_view text) {
  Json json;
  if (glz::read<strict>(json, text)) return std::nullopt;
  return json;
}

std::string to_text(const Json& json) {
  constexpr StrictJson written{{glz::opts{.skip_null_members = false}}};
  return glz::write<written>(json).value_or("null");
}

const Json* member(const Json& json, std::string_view name) {
  const auto* object = json.get_if<Json::object_t>();
  if (object == nullptr) return nullptr;
  const auto found = object->find(name);
  return found == object->end() || found->second.is_null() ? nullptr : &found->second;
}

const std::string* text_member(const Json& json, std::string_view name) {
  const Json* found = member(json, name);
  return found == nullptr ? nullptr : found->get_if<std::string>();
}

const Json::array_t* list_member(const Json& json, std::string_view name) {
  const Json* found = member(json, name);
  return found == nullptr ? nullptr : found->get_if<Json::array_t>();
}

}  // namespace fovea
