#include "engine/llama/grammar/character_set.h"

#include <algorithm>
#include <cstdint>
#include <format>

namespace fovea::llama {

bool CharacterSet::has(char32_t c) const {
  return std::ranges::any_of(ranges_, [c](const auto& range) { return range.first <= c && c <= range.second; });
}

CharacterSet CharacterSet::others() const {
  std::vector<std::pair<char32_t, char32_t>> taken = ranges_;
  taken.emplace_back(0xD800, 0xDFFF);
  std::ranges::sort(taken);
  CharacterSet rest;
  char32_t next = 0;
  for (const auto& [first, last] : taken) {
    if (next < first) rest.add(next, first - 1);
    next = std::max<char32_t>(next, last + 1);
  }
  if (next <= 0x10FFFF) rest.add(next, 0x10FFFF);
  return rest;
}

CharacterSet CharacterSet::common_with(const CharacterSet& other) const {
  CharacterSet outside = others();
  outside.add(other.others());
  return outside.others();
}

std::string CharacterSet::gbnf() const {
  std::string text;
  for (const auto& [first, last] : ranges_) {
    text += std::format("\\U{:08X}", static_cast<std::uint32_t>(first));
    if (first < last) text += std::format("-\\U{:08X}", static_cast<std::uint32_t>(last));
  }
  return text.empty() ? text : "[" + text + "]";
}

}  // namespace fovea::llama
