#include "trace/trace_line.h"

#include <glaze/glaze.hpp>

namespace fovea {

namespace {

// A tenant's name may contain any character, control characters too.
struct StrictJson : glz::opts {
  bool escape_control_characters = true;
};

}  // namespace

std::string to_jsonl(const TraceLine& line) {
  constexpr StrictJson strict{};
  return glz::write<strict>(line).value_or("{}") + '\n';
}

}  // namespace fovea
