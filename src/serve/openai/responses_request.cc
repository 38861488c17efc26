// A Responses request has the parts of a chat request under other names, so that the readers are those of
// chat requests. What is left to do here is what Chat does not have: input, instructions and text.format.
#include "serve/openai/responses_request.h"

#include <array>
#include <format>

#include "serve/openai/answer_format.h"
#include "serve/openai/chat_message.h"
#include "serve/openai/content.h"
#include "serve/openai/sampling.h"

namespace fovea::serve {

namespace {

Parsed<void> refuse_unsupported(const JsonObject& body) {
  constexpr std::array<std::string_view, 6> names = {
      "tools", "previous_response_id", "conversation", "background", "prompt", "include"};
  for (const std::string_view name : names) {
    const auto value = body.find(name);
    simdjson::dom::array list;
    bool wanted = true;
    if (!value || (value->get_array().get(list) == simdjson::SUCCESS && list.size() == 0) ||
        (value->get_bool().get(wanted) == simdjson::SUCCESS && !wanted))
      continue;
    return refuse(std::string(name), std::format("{} is not supported: leave it out", name), "unsupported_parameter");
  }
  return {};
}

// input: a text, or a list of messages whose type may be left out.
Parsed<void> read_input(const JsonObject& body, const RequestRules& rules, ChatRequest& request) {
  const auto input = body.find("input");
  if (!input) return refuse("input", "input is missing: a text, or a list of messages", "missing_required_parameter");
  std::string_view text;
  if (input->get_string().get(text) == simdjson::SUCCESS) {
    request.messages.push_back({"user", {std::string(text)}});
    return {};
  }
  simdjson::dom::array items;
  if (input->get_array().get(items) != simdjson::SUCCESS || items.size() == 0)
    return refuse("input", "input must be a text or a list of messages", "invalid_type");
  if (items.size() > rules.messages_max)
    return refuse("input", std::format("a request may have {} messages, not {}", rules.messages_max, items.size()));
  std::size_t index = 0;
  for (const Json item : items) {
    const std::string where = std::format("input[{}]", index++);
    const auto message = JsonObject::of(item, where);
    if (!message) return std::unexpected(message.error());
    const auto type = message->text("type");
    if (!type) return std::unexpected(type.error());
    if (type->value_or("message") != "message") {
      return refuse(message->path("type"), std::format("{} must be message, not \"{}\"", message->path("type"), **type),
                    "unsupported_value");
    }
    if (auto read = read_message(*message, rules, request); !read) return read;
  }
  return {};
}

}  // namespace

Parsed<ChatRequest> read_responses_request(const JsonObject& body, const RequestRules& rules) {
  ChatRequest request;
  if (auto supported = refuse_unsupported(body); !supported) return std::unexpected(supported.error());
  if (auto read = read_delivery(body, request); !read) return std::unexpected(read.error());
  auto options = read_sampling(body, rules.defaults);
  if (!options) return std::unexpected(options.error());
  request.options = std::move(*options);
  if (const auto text = body.find("text")) {
    const auto holder = JsonObject::of(*text, "text");
    if (!holder) return std::unexpected(holder.error());
    if (auto read = read_answer_format(*holder, "format", request.options); !read) return std::unexpected(read.error());
  }
  const auto instructions = body.text("instructions");
  if (!instructions) return std::unexpected(instructions.error());
  if (*instructions) request.messages.push_back({"system", {std::string(**instructions)}});
  if (auto read = read_input(body, rules, request); !read) return std::unexpected(read.error());
  return request;
}

}  // namespace fovea::serve
