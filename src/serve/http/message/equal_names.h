// equal_names: compares names of HTTP, whose letters may be of any case. A pure function.
#pragma once

#include <algorithm>
#include <string_view>

namespace fovea::serve {

constexpr bool equal_names(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace fovea::serve
