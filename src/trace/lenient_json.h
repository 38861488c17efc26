// JSON as traces have it: with fields that we do not know, and with values that are texts in one trace and
// numbers in another.
#pragma once

#include <glaze/glaze.hpp>
#include <string_view>

namespace fovea {

struct LenientJson : glz::opts {
  bool validate_trailing_whitespace = true;  // nothing may follow the value
};
constexpr LenientJson lenient_json{{glz::opts{.error_on_unknown_keys = false}}};

// A raw JSON value as text: the characters between a string's quotes (escapes as they are written), a number
// as it is written, and nothing for null. `valid` becomes false for objects and lists.
inline std::string_view raw_text(std::string_view raw, bool& valid) {
  if (raw.starts_with('"') && raw.size() >= 2) return raw.substr(1, raw.size() - 2);
  if (raw == "null") return {};
  if (raw.starts_with('{') || raw.starts_with('[')) valid = false;
  return raw;
}

}  // namespace fovea
