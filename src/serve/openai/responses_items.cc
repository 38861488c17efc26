// Items that a server of the past wrote, this one or another, are read as they are: the fields that only
// replies have (status, annotations, logprobs) are ignored. A stored item is read again from its JSON, by a
// parser of its own, since the request's document must stay.
#include "serve/openai/responses_items.h"

#include <algorithm>
#include <format>
#include <ranges>
#include <utility>

#include "serve/openai/chat_message.h"
#include "serve/openai/content.h"
#include "serve/wire/fresh_id.h"
#include "serve/wire/json_text.h"

namespace fovea::serve {

namespace json {

struct InputText {
  std::string_view type = "input_text", text;
};

struct InputMessage {
  std::string_view id, type = "message", role = "user";
  std::vector<InputText> content;
};

}  // namespace json

namespace {

Parsed<std::string_view> required_text(const JsonObject& item, std::string_view name) {
  const auto text = item.text(name);
  if (!text) return std::unexpected(text.error());
  if (text->value_or("").empty())
    return refuse(item.path(name), item.path(name) + " is missing", "missing_required_parameter");
  return **text;
}

// Of one message: more than there may be tools.
constexpr std::size_t calls_max = 1'000;

// {"type": "function_call", "call_id", "name", "arguments"}
Parsed<void> read_call(const JsonObject& item, ChatRequest& request) {
  const auto id = required_text(item, "call_id");
  if (!id) return std::unexpected(id.error());
  const auto name = required_text(item, "name");
  if (!name) return std::unexpected(name.error());
  const auto arguments = item.text("arguments");
  if (!arguments) return std::unexpected(arguments.error());
  if (request.messages.empty() || request.messages.back().role != "assistant")
    request.messages.push_back({.role = "assistant", .parts = {}, .tool_calls = {}, .tool_call_id = {}});
  if (request.messages.back().tool_calls.size() == calls_max)
    return refuse(item.path("type"), std::format("an answer may have {} calls of functions", calls_max));
  const std::string_view given = arguments->value_or("");
  request.messages.back().tool_calls.push_back(
      {std::string(*id), std::string(*name), given.empty() ? "{}" : std::string(given)});
  return {};
}

bool has_call(const ChatRequest& request, std::string_view id) {
  return std::ranges::any_of(std::views::reverse(request.messages), [&](const Message& message) {
    return std::ranges::contains(message.tool_calls, id, &ToolCall::id);
  });
}

// {"type": "function_call_output", "call_id", "output": a text or a list of parts}
Parsed<void> read_output(const JsonObject& item, const RequestRules& rules, ChatRequest& request) {
  const auto id = required_text(item, "call_id");
  if (!id) return std::unexpected(id.error());
  if (!has_call(request, *id))
    return refuse(item.path("call_id"),
                  std::format("there is no function_call with the call_id \"{}\" before its output", *id));
  request.messages.push_back({.role = "tool", .parts = {}, .tool_calls = {}, .tool_call_id = std::string(*id)});
  return read_content(item, "output", rules, request);
}

Parsed<void> read_by_type(std::string_view type, const JsonObject& item, const RequestRules& rules,
                          ChatRequest& request) {
  if (type == "message") return read_message(item, rules, request);
  if (type == "function_call") return read_call(item, request);
  if (type == "function_call_output") return read_output(item, rules, request);
  if (type == "reasoning") return {};
  return refuse(item.path("type"),
                std::format("{} must be message, function_call, function_call_output, reasoning or item_reference, "
                            "not \"{}\"",
                            item.path("type"), type),
                "unsupported_value");
}

Parsed<std::string_view> type_of(const JsonObject& item) {
  const auto type = item.text("type");
  return type ? Parsed<std::string_view>(type->value_or("message")) : std::unexpected(type.error());
}

// {"type": "item_reference", "id"}
Parsed<void> read_reference(const JsonObject& item, const RequestRules& rules, EarlierResponses& earlier,
                            ChatRequest& request) {
  const auto id = required_text(item, "id");
  if (!id) return std::unexpected(id.error());
  const auto text = earlier.item(*id, item.path("id"));
  if (!text) return std::unexpected(text.error());
  return read_stored_item(*text, item.path("id"), rules, request);
}

}  // namespace

Parsed<void> read_stored_item(const std::string& text, const std::string& where, const RequestRules& rules,
                              ChatRequest& request) {
  simdjson::dom::parser parser;
  Json document;
  if (parser.parse(text).get(document) != simdjson::SUCCESS)
    return std::unexpected(Refusal{500, "a stored item cannot be read", where, "internal"});
  const auto item = JsonObject::of(document, where);
  if (!item) return std::unexpected(item.error());
  const auto type = type_of(*item);
  return type ? read_by_type(*type, *item, rules, request) : std::unexpected(type.error());
}

Parsed<void> read_item(const JsonObject& item, const RequestRules& rules, EarlierResponses& earlier,
                       ChatRequest& request) {
  const auto type = type_of(item);
  if (!type) return std::unexpected(type.error());
  if (*type == "item_reference") return read_reference(item, rules, earlier, request);
  return read_by_type(*type, item, rules, request);
}

StoredItem stored_item(const JsonObject& item) {
  const auto text_or = [&](std::string_view name, auto otherwise) {
    const auto text = item.text(name);
    return text && *text ? std::string(**text) : std::string(otherwise());
  };
  StoredItem stored{.id = text_or("id", [] { return fresh_id("msg_"); }), .json = {}};
  const std::string type = text_or("type", [] { return "message"; });
  stored.json = std::format(R"({{"id":{},"type":{})", json_text(stored.id), json_text(type));
  for (const auto [name, value] : item.fields()) {
    if (name == "id" || name == "type") continue;
    stored.json += std::format(",{}:{}", json_text(name), std::string(simdjson::minify(value)));
  }
  stored.json += '}';
  return stored;
}

StoredItem stored_item(std::string_view input) {
  std::string id = fresh_id("msg_");
  std::string text = json_text(json::InputMessage{.id = id, .content = {{.text = input}}});
  return {std::move(id), std::move(text)};
}

}  // namespace fovea::serve
