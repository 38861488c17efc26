// json_text: any plain struct as JSON in one line, with null where an optional field is empty, as OpenAI
// writes it.
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

}  // namespace fovea::serve
