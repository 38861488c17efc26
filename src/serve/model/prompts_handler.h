// PromptsHandler: what a prompt is to the model, without an answer: its tokens, its text, and its images'
// keys. llama-server's and vLLM's /tokenize and /detokenize, llama-server's /apply-template, and vLLM's
// /v1/chat/completions/render, which endpoint pickers ask. Thread-safe. Borrows what it is made with.
#pragma once

#include <string>
#include <string_view>

#include "engine/engine.h"
#include "pipeline/pipeline.h"
#include "serve/asking/intake.h"
#include "serve/exchange.h"
#include "serve/model/prompt_json.h"
#include "serve/tenants.h"

namespace fovea::serve {

class PromptsHandler {
 public:
  struct Parts {
    const VisionLanguageEngine& engine;
    Pipeline& pipeline;
    const Intake& intake;
    std::string model;  // its name in replies
  };
  explicit PromptsHandler(Parts parts) : parts_(std::move(parts)) {}

  void tokenize(Exchange& exchange, const Tenant& tenant) const;
  void detokenize(Exchange& exchange, const Tenant& tenant) const;
  void apply_template(Exchange& exchange, const Tenant& tenant) const;
  void render(Exchange& exchange, const Tenant& tenant) const;
  // How many tokens the prompt of a chat has, also where it does not fit the context.
  void input_tokens(Exchange& exchange, const Tenant& tenant) const;

 private:
  Parsed<PromptTokens> tokens_in(const JsonObject& body, const Exchange& exchange, const Tenant& tenant) const;
  Parsed<PromptTokens> tokens_of_content(const Json& content, bool around, bool special) const;
  Parsed<PromptTokens> tokens_of_text(std::string_view text, std::string_view where, bool around, bool special) const;
  Parsed<std::string> rendered(const JsonObject& body) const;
  Parsed<LaidOut> laid_out(const Exchange& exchange, const Tenant& tenant, ChatRequest asked) const;

  const Parts parts_;
};

}  // namespace fovea::serve
