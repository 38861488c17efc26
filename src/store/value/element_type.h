// ElementType: what the elements of a stored array are. The names are those of NumPy and PyTorch. Plain
// values; pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace fovea {

// The numbers are in the format: never reuse one.
enum class ElementType : std::uint8_t {
  boolean = 1,
  int8 = 2,
  int16 = 3,
  int32 = 4,
  int64 = 5,
  uint8 = 6,
  uint16 = 7,
  uint32 = 8,
  uint64 = 9,
  float16 = 10,
  float32 = 11,
  float64 = 12,
  bfloat16 = 13,
  complex64 = 14,
  complex128 = 15,
  float8_e4m3fn = 16,
  float8_e5m2 = 17,
};

constexpr std::size_t element_types = 17;  // how many there are

// How many bytes an element has; 0 for what is no ElementType.
constexpr std::size_t element_bytes(ElementType type) {
  constexpr std::array<std::uint8_t, element_types + 1> bytes{0, 1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 4, 8, 2, 8, 16, 1, 1};
  const auto number = static_cast<std::size_t>(type);
  return number < bytes.size() ? bytes[number] : 0;
}

// The type's name, such as "float32" or "bool"; "unknown" for what is no ElementType.
std::string_view to_string(ElementType type);

// The type of a name; nullopt where there is none.
std::optional<ElementType> element_type_of(std::string_view name);

}  // namespace fovea
