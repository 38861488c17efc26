// ChatTemplate: a model's Jinja template, which renders chat messages into the text form that the model was
// trained on.
//
// Images go through the template as a marker, a string that no user can guess, and come out as places in the
// prompt. Immutable after parse(); thread-safe.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "engine/engine.h"

namespace fovea::llama {

class ChatTemplate {
 public:
  // `source` is the Jinja text. `bos_token` and `eos_token` are the values of the template's variables of
  // these names.
  // Faults: invalid when the text is not a template.
  static Result<ChatTemplate> parse(const std::string& source, std::string bos_token, std::string eos_token);

  ChatTemplate(ChatTemplate&&) noexcept;
  ChatTemplate& operator=(ChatTemplate&&) noexcept;
  ~ChatTemplate();

  // The prompt of `messages`, up to where the assistant's answer begins.
  // Faults: invalid when the template refuses them, or drops or repeats an image.
  Result<Prompt> render(std::span<const Message> messages, const std::string& marker) const;

 private:
  struct State;
  explicit ChatTemplate(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace fovea::llama
