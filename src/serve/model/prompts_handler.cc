// llama-server and vLLM have the same paths with other fields; a request is read by the fields that it has. A
// prompt is rendered without its images where only its text matters, and laid out with them where tokens do.
#include "serve/model/prompts_handler.h"

#include <format>
#include <utility>
#include <vector>

#include "serve/model/completion_request.h"
#include "serve/model/prompt_json.h"
#include "serve/send_refusal.h"
#include "serve/wire/json_text.h"
#include "serve/wire/valid_text.h"

namespace fovea::serve {

namespace json {

struct Detokenized {
  std::string content, prompt;  // llama-server's name and vLLM's
};

struct AppliedTemplate {
  std::string prompt;
};

struct InputTokens {
  std::string_view object = "response.input_tokens";
  std::uint32_t input_tokens;
};

}  // namespace json

namespace {

// Of a text to tokenize, or of tokens: more than any context holds, and megabytes of work.
constexpr std::size_t text_bytes_max = std::size_t{4} << 20, tokens_max = 4'000'000;

Parsed<void> check_size(std::string_view text, const std::string& where) {
  if (text.size() <= text_bytes_max) return {};
  return std::unexpected(
      Refusal{413, std::format("{} has {} bytes: at most {} are read at once", where, text.size(), text_bytes_max),
              where, "too_large"});
}

Parsed<bool> truth_or(const JsonObject& body, std::string_view name, bool otherwise) {
  const auto value = body.truth(name);
  if (!value) return std::unexpected(value.error());
  return value->value_or(otherwise);
}

// A prompt as text, with the marker in its images' places.
std::string text_of(const Prompt& prompt) {
  std::string text;
  for (const PromptPart& part : prompt.parts) {
    if (const auto* words = std::get_if<std::string>(&part)) text += *words;
    if (const auto* plain = std::get_if<PlainText>(&part)) text += plain->text;
    if (std::holds_alternative<ImageSlot>(part)) text += media_marker;
  }
  return text;
}

}  // namespace

// llama-server's content, vLLM's prompt, or vLLM's messages.
Parsed<std::vector<std::int32_t>> PromptsHandler::tokens_of(const JsonObject& body) const {
  const auto content = body.text("content");
  if (!content) return std::unexpected(content.error());
  const auto prompt = body.text("prompt");
  if (!prompt) return std::unexpected(prompt.error());
  const auto special = truth_or(body, "parse_special", true);
  if (!special) return std::unexpected(special.error());
  if (*content) {
    const auto around = truth_or(body, "add_special", false);
    if (!around) return std::unexpected(around.error());
    if (auto fits = check_size(**content, "content"); !fits) return std::unexpected(fits.error());
    return parts_.engine.tokenize(**content, *around, *special);
  }
  const auto around = truth_or(body, "add_special_tokens", true);
  if (!around) return std::unexpected(around.error());
  if (*prompt) {
    if (auto fits = check_size(**prompt, "prompt"); !fits) return std::unexpected(fits.error());
    return parts_.engine.tokenize(**prompt, *around, *special);
  }
  if (!body.find("messages"))
    return refuse("content", "content is missing: a text to tokenize", "missing_required_parameter");
  const auto text = rendered(body);
  if (!text) return std::unexpected(text.error());
  if (auto fits = check_size(*text, "messages"); !fits) return std::unexpected(fits.error());
  return parts_.engine.tokenize(*text, true, true);
}

Parsed<std::string> PromptsHandler::rendered(const JsonObject& body) const {
  const auto asked = read_chat_request(body, parts_.intake.rules());
  if (!asked) return std::unexpected(asked.error());
  const auto prompt = parts_.engine.render(
      asked->messages,
      {.tools = &asked->options.tools, .continue_final = asked->continue_final, .template_args = asked->template_args});
  if (!prompt) return std::unexpected(refusal_of(prompt.error()));
  return text_of(*prompt);
}

void PromptsHandler::tokenize(Exchange& exchange, const Tenant&) const {
  const auto body = parse_json(exchange.body());
  if (!body) return send_refusal(exchange, body.error());
  const auto pieces = truth_or(*body, "with_pieces", false);
  if (!pieces) return send_refusal(exchange, pieces.error());
  const auto tokens = tokens_of(*body);
  if (!tokens) return send_refusal(exchange, tokens.error());
  exchange.reply({.body = tokens_json(parts_.engine, *tokens, *pieces)});
}

void PromptsHandler::detokenize(Exchange& exchange, const Tenant&) const {
  const auto body = parse_json(exchange.body());
  if (!body) return send_refusal(exchange, body.error());
  const auto value = body->find("tokens");
  simdjson::dom::array list;
  if (!value || value->get_array().get(list) != simdjson::SUCCESS)
    return send_refusal(exchange, refuse("tokens", "tokens must be a list of token numbers", "invalid_type").error());
  std::string text;
  if (list.size() > tokens_max)
    return send_refusal(exchange,
                        Refusal{413, std::format("tokens may be {}, not more", tokens_max), "tokens", "too_large"});
  for (const Json element : list) {
    if (auto fits = check_size(text, "the text of tokens"); !fits) return send_refusal(exchange, fits.error());
    std::int64_t token = 0;
    if (element.get_int64().get(token) != simdjson::SUCCESS || token < 0 || token >= parts_.engine.facts().vocabulary)
      return send_refusal(exchange, refuse("tokens", std::format("tokens are numbers from 0 to {}",
                                                                 parts_.engine.facts().vocabulary - 1))
                                        .error());
    text += parts_.engine.token_text(static_cast<std::int32_t>(token));
  }
  const std::string shown = valid_text(text);
  exchange.reply({.body = json_text(json::Detokenized{shown, shown})});
}

void PromptsHandler::apply_template(Exchange& exchange, const Tenant&) const {
  const auto body = parse_json(exchange.body());
  if (!body) return send_refusal(exchange, body.error());
  auto text = rendered(*body);
  if (!text) return send_refusal(exchange, text.error());
  exchange.reply({.body = json_text(json::AppliedTemplate{std::move(*text)})});
}

Parsed<LaidOut> PromptsHandler::laid_out(const Exchange& exchange, const Tenant& tenant, ChatRequest asked) const {
  const auto request = parts_.intake.request_of(std::move(asked), exchange, tenant);
  if (!request) return std::unexpected(request.error());
  auto laid_out = parts_.pipeline.lay_out(*request, exchange.client_gone());
  if (!laid_out) return std::unexpected(refusal_of(laid_out.error()));
  return std::move(*laid_out);
}

void PromptsHandler::render(Exchange& exchange, const Tenant& tenant) const {
  auto asked = parts_.intake.read(exchange, read_chat_request);
  if (!asked) return send_refusal(exchange, asked.error());
  const GenerateOptions options = asked->options;
  const auto found = laid_out(exchange, tenant, std::move(*asked));
  if (!found) return send_refusal(exchange, found.error());
  exchange.reply({.body = render_json(*found, options, parts_.model)});
}

void PromptsHandler::input_tokens(Exchange& exchange, const Tenant& tenant) const {
  auto asked = parts_.intake.read(exchange, read_chat_request);
  if (!asked) return send_refusal(exchange, asked.error());
  const auto found = laid_out(exchange, tenant, std::move(*asked));
  if (!found) return send_refusal(exchange, found.error());
  exchange.reply({.body = json_text(json::InputTokens{.input_tokens = found->layout->tokens()})});
}

}  // namespace fovea::serve
