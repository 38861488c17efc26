// JSON in tests: a request's text as an object, one value of a text, and the result of reading.
#pragma once

#include <format>
#include <string>
#include <string_view>

#include "serve/wire/json_reader.h"

namespace fovea::serve::test {

// A request's object, valid until the next one of this thread is read. Throws where `json` is none, which
// fails the test.
inline JsonObject body_of(std::string_view json) { return parse_json(json).value(); }

// The value at a JSON pointer ("/choices/0/index") as JSON in one line; "absent" where there is none.
inline std::string value_at(std::string_view json, std::string_view pointer) {
  Json value;
  const bool found = body_of(json).fields().at_pointer(pointer).get(value) == simdjson::SUCCESS;
  return found ? simdjson::minify(value) : "absent";
}

// "read", or a refusal as "code param".
template <typename T>
std::string outcome(const Parsed<T>& parsed) {
  return parsed ? "read" : std::format("{} {}", parsed.error().code, parsed.error().param);
}

}  // namespace fovea::serve::test
