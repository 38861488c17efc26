// string_pattern: a regular expression of a JSON Schema (`pattern`) as a grammar. Pure; thread-safe.
//
// Known are literals, classes, '.', \d \w \s and their opposites, groups, alternatives in a group, and ? * +
// {m,n}. The expression has to begin with ^ and to end with $. Meant are all characters that ECMAScript
// means, but control characters are written where JSON has a short escape for them only.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace fovea::llama {

struct StringPattern {
  std::string gbnf;  // what stands between the quotes
  std::size_t size;  // in characters and alternatives, repetitions counted
};

enum class WrittenAs : std::uint8_t {
  json,  // between the quotes of a JSON string
  text,  // as it is, but without '<', between tags
};

// The grammar, or why there is none, as the end of a sentence.
std::expected<StringPattern, std::string> string_pattern(std::string_view pattern, WrittenAs written);

}  // namespace fovea::llama
