#include "engine/upstream/call_id.h"

#include <algorithm>

#include "fovea/key.h"

namespace fovea {

namespace {

constexpr std::size_t random_min = 8;

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

}  // namespace

std::string fresh_call_id(std::string_view id, std::string_view reply) {
  std::size_t begin = id.size();
  while (begin > 0 && is_letter_or_digit(id[begin - 1])) --begin;
  const std::size_t count = id.size() - begin;
  if (count < random_min) return std::string(id);
  std::string fresh(id.substr(0, begin));
  const std::string digits = KeyBuilder("fovea/call-id/1").field(reply).field(id).finish().hex();
  fresh += digits.substr(0, std::min(count, digits.size()));
  fresh.resize(id.size(), '0');
  return fresh;
}

}  // namespace fovea
