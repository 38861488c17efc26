// JsonObject: the fields of a JSON object of a request, read one by one, each with its type, with refusals
// that name the field.
//
// A view: the parsed document must outlive it. Not thread-safe.
#pragma once

// simdjson's pretty-printer is not used, and it would be compiled into each unit.
#define SIMDJSON_DOM_FRACTURED_JSON_INL_H
#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "serve/wire/refusal.h"

namespace fovea::serve {

using Json = simdjson::dom::element;

class JsonObject {
 public:
  // `value` as an object; `where` is its name in refusals ("messages[0]"), empty for the whole request.
  // Refused: a value that is no object, or has a field twice.
  static Parsed<JsonObject> of(const Json& value, std::string where);

  // The field of this name; nullopt where there is none, or where it is null: both mean the same in OpenAI's
  // API.
  std::optional<Json> find(std::string_view name) const;
  // The field as a value of the type. Refused where it has another type.
  Parsed<std::optional<std::string_view>> text(std::string_view name) const;
  Parsed<std::optional<bool>> truth(std::string_view name) const;
  // Also refused outside [low, high]. 1.0 is an integer.
  Parsed<std::optional<double>> number(std::string_view name, double low, double high) const;
  Parsed<std::optional<std::int64_t>> integer(std::string_view name, std::int64_t low, std::int64_t high) const;

  // The name of a field in refusals.
  std::string path(std::string_view name) const;
  const simdjson::dom::object& fields() const { return fields_; }

 private:
  JsonObject(simdjson::dom::object fields, std::string where) : fields_(fields), where_(std::move(where)) {}

  simdjson::dom::object fields_;
  std::string where_;
};

// A request's body, parsed whole and once. Valid until the next call on the same thread. Refused: a body that
// is no JSON object, no UTF-8, or nested deeper than any request needs.
Parsed<JsonObject> parse_json(std::string_view body);

}  // namespace fovea::serve
