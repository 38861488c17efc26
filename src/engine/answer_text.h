// AnswerText: turns the bytes of generated tokens into text that may be shown: whole UTF-8 characters only,
// nothing that may be the beginning of a stop string, and nothing behind one. Not thread-safe. Knows no
// model.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fovea {

class AnswerText {
 public:
  // `stop`: strings that end the answer and are cut from it. Empty ones are ignored.
  explicit AnswerText(std::vector<std::string> stop);

  // Takes the next token's bytes; returns the text that they made certain (valid until the next call). Bytes
  // that are not UTF-8 become U+FFFD.
  std::string_view push(std::string_view bytes);
  // Releases what was held back. Call once when generation ends otherwise than by a stop string.
  std::string_view finish();

  bool stopped() const { return !stopped_by_.empty(); }
  // The stop string that ended the answer; empty where none did.
  const std::string& stopped_by() const { return stopped_by_; }
  // All text released so far.
  const std::string& text() const { return text_; }

 private:
  std::string_view release(std::size_t count);

  std::vector<std::string> stop_;
  std::string bytes_;    // that are not a whole character yet
  std::string pending_;  // whole characters that may be the start of a stop string
  std::string text_;
  std::string stopped_by_;
};

}  // namespace fovea
