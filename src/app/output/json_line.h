// json_line: any plain struct as a JSON document in one line, for the verbs' output. Empty optional fields
// are left out.
//
// Control characters are escaped, which glaze does not do by default: a model's answer or a file's name may
// hold any.
#pragma once

#include <glaze/glaze.hpp>
#include <string>

namespace fovea::app {

struct StrictJson : glz::opts {
  bool escape_control_characters = true;
};

// `object`, whose type must have linkage.
template <typename T>
std::string json_line(const T& object) {
  constexpr StrictJson strict{};
  return glz::write<strict>(object).value_or("{}");
}

}  // namespace fovea::app
