#include "engine/tools/pattern_match.h"

#include <algorithm>

namespace fovea {

bool is_call_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_-.:/").contains(c);
}

PatternMatch::State PatternMatch::take(char c, const std::vector<Tool>& tools) {
  for (; at_ < pattern_.size(); ++at_) {
    const char wanted = pattern_[at_];
    if (wanted == ' ') {
      if (is_call_space(c)) return State::open;
    } else if (wanted == '@' || wanted == '#') {
      if (is_name_character(c)) {
        if (wanted == '@') name_ += c;
        return State::open;
      }
      if (wanted == '@' && !std::ranges::contains(tools, name_, &Tool::name)) return State::broken;
    } else {
      if (wanted != c) return State::broken;
      return ++at_ == pattern_.size() ? State::whole : State::open;
    }
  }
  return State::broken;
}

}  // namespace fovea
