// PromptMarks: what goes through a template as a mark: images, and control tokens that somebody wrote.
//
// A mark is a number that nobody can guess, so that templates pass it on as they pass any text, and nobody
// can write one. It lives for one rendering; used by one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/llama/template/jinja.h"
#include "engine/llama/vocabulary/control_tokens.h"
#include "engine/message.h"

namespace fovea::llama {

class PromptMarks {
 public:
  explicit PromptMarks(const ProtectedTokens& tokens);

  // The mark of an image, which must come out of the template once.
  std::string mark(const ImageSlot& image);
  // `text` with a mark in place of each control token that `tokens` finds in it.
  std::string protect(std::string_view text, const ControlTokens& tokens);
  std::string protect(std::string_view text) { return protect(text, tokens_.from_anyone); }
  // `value` with all of its strings and names of fields protected.
  Json protect_json(const Json& value);
  // The texts of a message, joined, with its images.
  std::string protect_message(const Message& message);

  // The rendered text with what the marks stand for. Faults: invalid unless each image's mark is there once,
  // or when there are more marks than any context has tokens.
  Result<Prompt> restore(std::string_view rendered) const;
  // A sentence about the messages, with what the marks stand for.
  std::string in_words(std::string_view sentence) const;

 private:
  std::string add(PromptPart part);
  // The part that the mark at the beginning of `text` stands for; null if there is none.
  const PromptPart* part_at(std::string_view text) const;

  const ProtectedTokens& tokens_;
  const std::string secret_;
  std::vector<PromptPart> parts_;  // by mark
  std::size_t images_ = 0;
  bool too_many_ = false;
};

}  // namespace fovea::llama
