// PatternMatch: whether a text that comes character by character follows a CallPattern. Borrows the pattern.
// Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/tools/call_form.h"
#include "engine/tools/tool_use.h"

namespace fovea {

bool is_call_space(char c);
// Whether a tool's name may have `c`: a letter, a digit, or one of _-.:/
bool is_name_character(char c);

class PatternMatch {
 public:
  enum class State : std::uint8_t { open, broken, whole };

  explicit PatternMatch(CallPattern pattern) : pattern_(pattern) {}

  // Takes the next character. A name that is none of `tools` breaks the match.
  // REQUIRES: the match was open.
  State take(char c, const std::vector<Tool>& tools);

  bool whole() const { return at_ == pattern_.size(); }
  // The tool's name, if the pattern has one.
  const std::string& name() const { return name_; }

 private:
  CallPattern pattern_;
  std::size_t at_ = 0;
  std::string name_;
};

}  // namespace fovea
