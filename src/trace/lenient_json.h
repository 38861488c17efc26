// lenient_json: options to read JSON as traces have it: with unknown fields, and with values that are
// sometimes a text and sometimes a number. Pure functions.
#pragma once

#include <glaze/glaze.hpp>
#include <string_view>

namespace fovea {

struct LenientJson : glz::opts {
  bool validate_trailing_whitespace = true;  // nothing but white space may follow the value
};
constexpr LenientJson lenient_json{{glz::opts{.error_on_unknown_keys = false}}};

// The characters between the quotes of a JSON string (escapes as they are spelt), a number as it is spelt,
// and nothing for null. Sets `valid` to false for objects and lists.
inline std::string_view raw_text(std::string_view raw, bool& valid) {
  if (raw.starts_with('"') && raw.size() >= 2) return raw.substr(1, raw.size() - 2);
  if (raw == "null") return {};
  if (raw.starts_with('{') || raw.starts_with('[')) valid = false;
  return raw;
}

}  // namespace fovea
