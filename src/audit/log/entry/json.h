// json_text, json_number, json_object, json_list: the value of a field if it has the type, without a word
// about those that do not: logs have all kinds of things in them. Pure functions. Views are valid as long as
// the parsed document.
#pragma once

// simdjson's pretty-printer is not used, and it would be compiled into each unit.
#define SIMDJSON_DOM_FRACTURED_JSON_INL_H
#include <simdjson.h>

#include <optional>
#include <string_view>

namespace fovea {

using Json = simdjson::dom::element;
using JsonFields = simdjson::dom::object;
using JsonList = simdjson::dom::array;

inline constexpr std::size_t json_depth_max = 64;  // a JSON Schema of 32 levels, in a request, wrapped

template <typename T>
std::optional<T> json_as(const simdjson::simdjson_result<Json>& found) {
  T value;
  Json element;
  if (found.get(element) != simdjson::SUCCESS || element.get<T>().get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

inline std::optional<std::string_view> json_text(const JsonFields& fields, std::string_view name) {
  return json_as<std::string_view>(fields.at_key(name));
}
inline std::optional<double> json_number(const JsonFields& fields, std::string_view name) {
  return json_as<double>(fields.at_key(name));
}
inline std::optional<JsonFields> json_object(const JsonFields& fields, std::string_view name) {
  return json_as<JsonFields>(fields.at_key(name));
}
inline std::optional<JsonList> json_list(const JsonFields& fields, std::string_view name) {
  return json_as<JsonList>(fields.at_key(name));
}

// The first of `names` that is there and is not null.
template <typename Names>
std::optional<Json> json_first(const JsonFields& fields, const Names& names) {
  for (const std::string_view name : names) {
    Json value;
    if (fields.at_key(name).get(value) == simdjson::SUCCESS && !value.is_null()) return value;
  }
  return std::nullopt;
}

}  // namespace fovea
