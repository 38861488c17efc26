// llama-server and vLLM have the same paths with other fields; a request is read by the fields that it has. A
// prompt is rendered without its images where only its text matters, and laid out with them where tokens do:
// as the model would read it, with the control tokens of the template alone.
#include "serve/model/prompts_handler.h"

#include <format>
#include <utility>
#include <vector>

#include "serve/asking/prompt_tokens.h"
#include "serve/asking/request_refusal.h"
#include "serve/model/completion_request.h"
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
  std::int64_t input_tokens;
};

}  // namespace json

namespace {

// Of a text to tokenize, or of tokens: more than any context holds, and megabytes of work.
constexpr std::size_t text_bytes_max = std::size_t{4} << 20, tokens_max = 4'000'000;

Parsed<void> check_bytes(std::size_t bytes, std::string_view where) {
  if (bytes <= text_bytes_max) return {};
  return std::unexpected(
      Refusal{413, std::format("{} has {} bytes: at most {} are read at once", where, bytes, text_bytes_max),
              std::string(where), "too_large"});
}

Parsed<void> check_tokens(const simdjson::dom::array& list, std::string_view where) {
  if (list.size() <= tokens_max) return {};
  return std::unexpected(
      Refusal{413, std::format("{} may list {} tokens, not more", where, tokens_max), std::string(where), "too_large"});
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

Parsed<PromptTokens> PromptsHandler::tokens_of_text(std::string_view text, std::string_view where, bool around,
                                                    bool special) const {
  if (auto fits = check_bytes(text.size(), where); !fits) return std::unexpected(fits.error());
  const std::vector<std::int32_t> tokens = parts_.engine.tokenize(text, around, special);
  return PromptTokens(tokens.begin(), tokens.end());
}

// A text, or a list of texts and of tokens that somebody has tokenized already.
Parsed<PromptTokens> PromptsHandler::tokens_of_content(const Json& content, bool around, bool special) const {
  std::string_view text;
  if (content.get_string().get(text) == simdjson::SUCCESS) return tokens_of_text(text, "content", around, special);
  simdjson::dom::array list;
  if (content.get_array().get(list) != simdjson::SUCCESS)
    return refuse("content", "content must be a text, or a list of texts and token numbers", "invalid_type");
  if (auto fits = check_tokens(list, "content"); !fits) return std::unexpected(fits.error());
  PromptTokens tokens;
  std::size_t bytes = 0, index = 0;
  for (const Json element : list) {
    const bool first = index++ == 0;
    std::int64_t token = 0;
    if (element.get_string().get(text) == simdjson::SUCCESS) {
      bytes += text.size();
      if (auto fits = check_bytes(bytes, "content"); !fits) return std::unexpected(fits.error());
      const auto more = tokens_of_text(text, "content", around && first, special);
      if (!more) return more;
      tokens.insert(tokens.end(), more->begin(), more->end());
    } else if (element.get_int64().get(token) == simdjson::SUCCESS && token >= 0 &&
               token < parts_.engine.facts().vocabulary) {
      tokens.emplace_back(static_cast<std::int32_t>(token));
    } else {
      const std::string where = std::format("content[{}]", index - 1);
      return refuse(where, std::format("{} must be a text, or the number of a token, 0 to {}", where,
                                       parts_.engine.facts().vocabulary - 1));
    }
  }
  return tokens;
}

// llama-server's content, vLLM's prompt, or vLLM's messages.
Parsed<PromptTokens> PromptsHandler::tokens_in(const JsonObject& body, const Exchange& exchange,
                                               const Tenant& tenant) const {
  const auto special = truth_or(body, "parse_special", true);
  if (!special) return std::unexpected(special.error());
  if (const auto content = body.find("content")) {
    const auto around = truth_or(body, "add_special", false);
    if (!around) return std::unexpected(around.error());
    return tokens_of_content(*content, *around, *special);
  }
  const auto prompt = body.text("prompt");
  if (!prompt) return std::unexpected(prompt.error());
  const auto around = truth_or(body, "add_special_tokens", true);
  if (!around) return std::unexpected(around.error());
  if (*prompt) return tokens_of_text(**prompt, "prompt", *around, *special);
  if (!body.find("messages"))
    return refuse("content", "content is missing: a text to tokenize", "missing_required_parameter");
  auto asked = read_chat_request(body, parts_.intake.rules());
  if (!asked) return std::unexpected(asked.error());
  const auto found = laid_out(exchange, tenant, std::move(*asked));
  if (!found) return std::unexpected(found.error());
  return tokens_of(*found->layout);
}

Parsed<std::string> PromptsHandler::rendered(const JsonObject& body) const {
  auto asked = read_chat_request(body, parts_.intake.rules());
  if (!asked) return std::unexpected(asked.error());
  const Request request{.messages = std::move(asked->messages),
                        .prompt = {},
                        .continue_final = asked->continue_final,
                        .template_args = std::move(asked->template_args),
                        .sources = {},
                        .options = std::move(asked->options),
                        .cache = {},
                        .tenant = {},
                        .group = {},
                        .cache_salt = {},
                        .timeout_ms = {}};
  const auto prompt = parts_.pipeline.render(request);
  if (!prompt) return std::unexpected(request_refusal(prompt.error(), request, {}));
  return text_of(*prompt);
}

void PromptsHandler::tokenize(Exchange& exchange, const Tenant& tenant) const {
  const auto body = parse_json(exchange.body());
  if (!body) return send_refusal(exchange, body.error());
  const auto pieces = truth_or(*body, "with_pieces", false);
  if (!pieces) return send_refusal(exchange, pieces.error());
  const auto strings = truth_or(*body, "return_token_strs", false);
  if (!strings) return send_refusal(exchange, strings.error());
  const auto tokens = tokens_in(*body, exchange, tenant);
  if (!tokens) return send_refusal(exchange, tokens.error());
  exchange.reply({.body = tokens_json(parts_.engine, *tokens, {.pieces = *pieces, .strings = *strings})});
}

void PromptsHandler::detokenize(Exchange& exchange, const Tenant&) const {
  const auto body = parse_json(exchange.body());
  if (!body) return send_refusal(exchange, body.error());
  const auto value = body->find("tokens");
  simdjson::dom::array list;
  if (!value || value->get_array().get(list) != simdjson::SUCCESS)
    return send_refusal(exchange, refuse("tokens", "tokens must be a list of token numbers", "invalid_type").error());
  std::string text;
  if (auto fits = check_tokens(list, "tokens"); !fits) return send_refusal(exchange, fits.error());
  for (const Json element : list) {
    if (auto fits = check_bytes(text.size(), "the text of tokens"); !fits) return send_refusal(exchange, fits.error());
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
  if (!laid_out) return std::unexpected(request_refusal(laid_out.error(), *request, {}));
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
  const auto request = parts_.intake.request_of(std::move(*asked), exchange, tenant);
  if (!request) return send_refusal(exchange, request.error());
  const auto tokens = prompt_tokens(parts_.pipeline, *request, exchange.client_gone());
  if (!tokens) return send_refusal(exchange, request_refusal(tokens.error(), *request, {}));
  exchange.reply({.body = json_text(json::InputTokens{.input_tokens = *tokens})});
}

}  // namespace fovea::serve
