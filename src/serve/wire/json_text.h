// json_text: any plain struct as JSON in one line, with null where an optional field is empty, as OpenAI
// writes it. brief_json_text leaves such a field out.
//
// Control characters are escaped, which glaze does not do by default: an answer may hold any.
#pragma once

#include <glaze/glaze.hpp>
#include <string>

namespace fovea::serve {

struct FullJson : glz::opts {
  bool escape_control_characters = true;
};

// `object`, whose type must have linkage.
template <typename T>
std::string json_text(const T& object) {
  constexpr FullJson full{{glz::opts{.skip_null_members = false}}};
  return glz::write<full>(object).value_or("{}");
}

template <typename T>
std::string brief_json_text(const T& object) {
  constexpr FullJson brief{{glz::opts{.skip_null_members = true}}};
  return glz::write<brief>(object).value_or("{}");
}

}  // namespace fovea::serve
