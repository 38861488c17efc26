// A request has one answer for each choice of each prompt. All are asked in their order, so that the choices
// of one prompt find what the first one computed.
#include "serve/model/completions_handler.h"

#include <format>
#include <utility>

#include "serve/model/completion_form.h"
#include "serve/model/native_completion_form.h"
#include "serve/model/token_prompt.h"

namespace fovea::serve {

namespace {

// What is echoed: the prompt's text, without its images.
std::string text_of(const Prompt& prompt) {
  std::string text;
  for (const PromptPart& part : prompt.parts) {
    if (const auto* words = std::get_if<std::string>(&part)) text += *words;
  }
  return text;
}

// Models that begin every prompt with a token of their own go on from that.
bool is_empty(const CompletionPrompt& prompt) {
  return prompt.tokens.empty() && prompt.images.empty() && text_of(prompt.prompt).empty();
}

Parsed<void> resolve_tokens(const VisionLanguageEngine& engine, CompletionRequest& asked) {
  for (std::size_t i = 0; i < asked.prompts.size(); ++i) {
    CompletionPrompt& prompt = asked.prompts[i];
    const std::string where = asked.prompts.size() == 1 ? "prompt" : std::format("prompt[{}]", i);
    if (is_empty(prompt) && engine.tokenize("", true, true).empty())
      return refuse(where, where + " is empty: there is nothing to go on from");
    if (prompt.tokens.empty()) continue;
    auto text = prompt_of_tokens(engine, prompt.tokens, where);
    if (!text) return std::unexpected(text.error());
    prompt.prompt = {{std::move(*text)}};
  }
  return {};
}

}  // namespace

std::vector<Request> choices_of(const Request& request, std::uint32_t count) {
  std::vector<Request> choices(count, request);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (auto& seed = choices[i].options.seed) *seed += i;
  }
  return choices;
}

Parsed<CompletionRequest> CompletionsHandler::read(const Exchange& exchange) const {
  auto asked = parts_.intake.read(exchange, read_completion_request);
  if (!asked) return asked;
  if (auto resolved = resolve_tokens(parts_.engine, *asked); !resolved) return std::unexpected(resolved.error());
  return asked;
}

void CompletionsHandler::completions(Exchange& exchange, const Tenant& tenant) const {
  const Stopwatch reading;
  auto asked = read(exchange);
  if (!asked) return parts_.sender.refuse(exchange, tenant, {}, asked.error());
  CompletionForm::Options options{
      .choices = asked->asked.choices, .top_logprobs = asked->asked.top_logprobs, .echo = {}};
  if (asked->echo) {
    for (const CompletionPrompt& prompt : asked->prompts) options.echo.push_back(text_of(prompt.prompt));
  }
  CompletionForm form({.model = parts_.model,
                       .fingerprint = parts_.fingerprint,
                       .include_usage = asked->asked.include_usage,
                       .timings = asked->asked.timings},
                      parts_.engine, std::move(options));
  answer(exchange, tenant, std::move(*asked), form, reading);
}

void CompletionsHandler::native(Exchange& exchange, const Tenant& tenant) const {
  const Stopwatch reading;
  auto asked = read(exchange);
  if (asked && (asked->prompts.size() != 1 || asked->asked.choices != 1 || asked->echo || asked->asked.top_logprobs))
    asked = refuse({}, "/completion takes one prompt and has one plain answer: send more to /v1/completions");
  if (!asked) return parts_.sender.refuse(exchange, tenant, {}, asked.error());
  NativeCompletionForm form(parts_.model);
  answer(exchange, tenant, std::move(*asked), form, reading);
}

void CompletionsHandler::answer(Exchange& exchange, const Tenant& tenant, CompletionRequest asked, ReplyForm& form,
                                const Stopwatch& reading) const {
  const bool stream = asked.asked.stream;
  const auto requests = requests_of(std::move(asked), exchange, tenant);
  if (!requests) return parts_.sender.refuse(exchange, tenant, {}, requests.error());
  parts_.sender.answer(exchange, tenant, {*requests, stream, reading.elapsed_ms()}, form);
}

Parsed<std::vector<Request>> CompletionsHandler::requests_of(CompletionRequest asked, const Exchange& exchange,
                                                             const Tenant& tenant) const {
  std::vector<Request> requests;
  for (CompletionPrompt& prompt : asked.prompts) {
    ChatRequest one = asked.asked;
    one.prompt = std::move(prompt.prompt);
    one.images = std::move(prompt.images);
    auto request = parts_.intake.request_of(std::move(one), exchange, tenant);
    if (!request) return std::unexpected(request.error());
    for (Request& choice : choices_of(*request, asked.asked.choices)) requests.push_back(std::move(choice));
  }
  return requests;
}

}  // namespace fovea::serve
