// audit_word: how lines of an audit's own log write kinds, roles and details; and back. Pure functions.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "audit/audited_request.h"

namespace fovea {

// In the order of the enumerations.
inline constexpr std::array<std::string_view, 3> part_kind_words = {"text", "image", "other"};
inline constexpr std::array<std::string_view, 5> part_role_words = {"system", "user", "assistant", "tool", "tools"};
inline constexpr std::array<std::string_view, 4> picture_detail_words = {"none", "auto", "low", "high"};

constexpr std::string_view audit_word(PartKind kind) { return part_kind_words[static_cast<std::size_t>(kind)]; }
constexpr std::string_view audit_word(PartRole role) { return part_role_words[static_cast<std::size_t>(role)]; }
constexpr std::string_view audit_word(PictureDetail detail) {
  return picture_detail_words[static_cast<std::size_t>(detail)];
}

// The value whose word it is, of one of the lists above.
template <typename Value, std::size_t size>
constexpr std::optional<Value> of_audit_word(const std::array<std::string_view, size>& words, std::string_view word) {
  for (std::size_t i = 0; i < size; ++i) {
    if (words[i] == word) return static_cast<Value>(i);
  }
  return std::nullopt;
}

}  // namespace fovea
