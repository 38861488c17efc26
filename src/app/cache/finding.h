// Finding: one thing that `fovea cache doctor` looked at, and what to do about it. A plain value.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace fovea::app {

enum class Grade : std::uint8_t { ok, warning, wrong };

struct Finding {
  Grade grade = Grade::ok;
  std::string what;    // what was found
  std::string advice;  // what to do, and why; empty where all is well
};

inline std::string_view to_string(Grade grade) {
  constexpr std::string_view names[] = {"ok", "warning", "wrong"};
  return names[static_cast<std::size_t>(grade)];
}

}  // namespace fovea::app
