// json_text: any plain struct as a JSON document. Thread-safe.
//
// A model's answer or a file's name may have control characters, and glaze escapes them only where an option
// says so.
#pragma once

#include <glaze/glaze.hpp>
#include <string>

namespace fovea::app {

struct StrictJson : glz::opts {
  bool escape_control_characters = true;
};

// `object`, whose type must have linkage, in one line.
template <typename T>
std::string json_text(const T& object) {
  constexpr StrictJson strict{};
  return glz::write<strict>(object).value_or("{}");
}

}  // namespace fovea::app
