// ChatTemplate: a model's Jinja template, which renders chat messages into the text form that the model was
// trained on.
//
// Images and control tokens that somebody wrote go through the template as marks (PromptMarks). Tools are
// rendered by the template, or in the generic form where it knows none. Immutable after parse(); thread-safe.
#pragma once

#include <span>
#include <string>

#include "engine/engine.h"
#include "engine/llama/template/jinja.h"
#include "engine/llama/template/template_traits.h"
#include "engine/llama/vocabulary/control_tokens.h"

namespace fovea::llama {

class ChatTemplate {
 public:
  // `source` is the Jinja text. `bos_token` and `eos_token` are the values of the template's variables of
  // these names.
  // Faults: invalid when the text is not a template, or drops the user's words.
  static Result<ChatTemplate> parse(const std::string& source, std::string bos_token, std::string eos_token);

  // What messages must not be taken for; nothing until it is set.
  void protect(ProtectedTokens tokens) { tokens_ = std::move(tokens); }

  // The prompt of `messages`, up to where the assistant's answer begins, or goes on.
  // Faults: invalid when the template refuses them, drops or repeats an image, or when there is no answer
  // that could go on.
  Result<Prompt> render(std::span<const Message> messages, const RenderOptions& options = {}) const;

  // The form in which answers write tool calls: the template's own where it renders tools.
  ToolFormat tool_format() const { return tool_format_; }

 private:
  ChatTemplate(Jinja jinja, const TemplateTraits& traits, ToolFormat tool_format);

  Result<Prompt> render_all(std::span<const Message> messages, const RenderOptions& options) const;
  Result<Prompt> render_text(std::span<const Message> messages, const RenderOptions& options) const;

  Jinja jinja_;
  TemplateTraits traits_;
  ToolFormat tool_format_;
  ProtectedTokens tokens_;
};

}  // namespace fovea::llama
