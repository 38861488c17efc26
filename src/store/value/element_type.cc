#include "store/value/element_type.h"

#include <algorithm>

namespace fovea {

namespace {

constexpr std::array<std::string_view, element_types + 1> names{
    "unknown", "bool",    "int8",    "int16",   "int32",    "int64",     "uint8",      "uint16",        "uint32",
    "uint64",  "float16", "float32", "float64", "bfloat16", "complex64", "complex128", "float8_e4m3fn", "float8_e5m2"};

}  // namespace

std::string_view to_string(ElementType type) {
  const auto number = static_cast<std::size_t>(type);
  return number < names.size() ? names[number] : names[0];
}

std::optional<ElementType> element_type_of(std::string_view name) {
  const auto found = std::ranges::find(names.begin() + 1, names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<ElementType>(found - names.begin());
}

}  // namespace fovea
