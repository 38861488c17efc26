// ObjectEnd: finds where a JSON object ends that comes character by character. It counts brackets outside of
// strings and checks nothing else. Not thread-safe.
#pragma once

#include <cstddef>

namespace fovea {

class ObjectEnd {
 public:
  // Takes the next character, from the opening brace on; true with the one that closes the object.
  bool take(char c) {
    if (in_string_) {
      in_string_ = c != '"' || escaped_;
      escaped_ = c == '\\' && !escaped_;
      return false;
    }
    if (c == '"') in_string_ = true;
    if (c == '{' || c == '[') ++depth_;
    if (c == '}' || c == ']') --depth_;
    return depth_ == 0;
  }

 private:
  std::size_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
};

}  // namespace fovea
