// json_texts: what stands between the braces and quotes of JSON, in GBNF: members, keys, formats. Pure
// functions except for the rules that they add to a GbnfRules.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>

#include "engine/llama/grammar/gbnf_rules.h"

namespace fovea::llama {

// The characters of valid UTF-8.
std::u32string characters_of(std::string_view text);

struct Member {
  std::string text;  // the key and its value
  bool required;
};

// The members of an object in their order, of which those not required may be left out, and then any number
// of `others` (the name of a rule; empty for none), with commas between. Ends with a space, or is empty.
std::string members(GbnfRules& rules, std::span<const Member> named, const std::string& others);

// A quoted key that is none of `names`.
std::string other_key(GbnfRules& rules, const std::set<std::string>& names);

// The text between the quotes of a string of a JSON Schema format; empty for a format that is not known.
std::string_view format_rule(std::string_view format);

}  // namespace fovea::llama
