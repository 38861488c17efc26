// TaggedArguments: turns a call's arguments that are written as tags into the JSON object that they mean,
// while they come. Not thread-safe.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tools/call_form.h"
#include "engine/tools/pattern_match.h"

namespace fovea {

class TaggedArguments {
 public:
  enum class State : std::uint8_t { open, whole, broken };

  // `text`: the parameters whose values are written as plain text. Others are JSON, or text if they are none.
  TaggedArguments(const ArgumentTags& tags, std::set<std::string> text);

  // Takes the next character and appends to `json` what it made certain. Broken: something else than a
  // parameter or the end; the object is closed, and rest() is what did not belong to it.
  State take(char c, std::string& json);

  const std::string& rest() const { return held_; }

 private:
  enum class Part : std::uint8_t { between, key, named, value };
  struct Tag {
    PatternMatch match;
    bool closes;  // the arguments
  };

  void expect_tags();
  State between(char c, std::string& json);
  State key(char c, std::string& json);
  State broken(std::string& json);
  void begin_value(std::string& json);
  void value(char c, std::string& json);
  void add(char c, std::string& json);
  void end_value(std::string& json);

  const ArgumentTags& tags_;
  const std::set<std::string> text_;
  Part part_ = Part::between;
  std::vector<Tag> open_;  // that may go on
  std::string held_;       // what they have matched, and the key
  std::string key_;
  std::string value_;         // of a parameter that is not written as text
  std::size_t end_seen_ = 0;  // characters of the value's end
  bool is_text_ = false;
  bool at_start_ = false;    // of a value
  bool line_break_ = false;  // is held, since it may be the last of the value
  bool has_parameters_ = false;
};

}  // namespace fovea
