// An answer of this server, or of any other, can be sent back as it came: what an assistant's message may
// lack (content, where it calls tools) or have empty (tool_calls) is accepted. OpenAI's old names for tools
// in a conversation, function_call and the role function, are read as calls and their results.
#include "serve/openai/chat_message.h"

#include <algorithm>
#include <array>
#include <format>
#include <utility>

#include "serve/openai/content.h"

namespace fovea::serve {

namespace {

constexpr std::string_view roles = "system, developer, user, assistant, tool or function";

Parsed<std::string> role_of(const JsonObject& message) {
  constexpr std::array<std::string_view, 4> known = {"system", "user", "assistant", "tool"};
  const auto role = message.text("role");
  if (!role) return std::unexpected(role.error());
  if (!*role) return refuse(message.path("role"), std::format("{} is missing: {}", message.path("role"), roles));
  if (**role == "developer") return "system";  // what OpenAI's newer models call it
  if (**role == "function") return "tool";     // what OpenAI's older models called it
  if (std::ranges::contains(known, **role)) return std::string(**role);
  return refuse(message.path("role"), std::format("{} must be {}, not \"{}\"", message.path("role"), roles, **role));
}

// {"name", "arguments"}: JSON as a text, or an object where somebody has parsed it.
Parsed<ToolCall> read_function(const JsonObject& function) {
  const auto name = function.text("name");
  if (!name) return std::unexpected(name.error());
  if (name->value_or("").empty())
    return refuse(function.path("name"), function.path("name") + " is missing: the function that was called");
  ToolCall call{.id = {}, .name = std::string(**name), .arguments = "{}"};
  const auto arguments = function.find("arguments");
  if (!arguments) return call;
  std::string_view text;
  if (arguments->is_object()) {
    call.arguments = simdjson::minify(*arguments);
  } else if (arguments->get_string().get(text) != simdjson::SUCCESS) {
    return refuse(function.path("arguments"), function.path("arguments") + " must be a text: a JSON object",
                  "invalid_type");
  } else if (!text.empty()) {
    call.arguments = text;
  }
  return call;
}

// {"id", "type": "function", "function": {...}}
Parsed<ToolCall> read_call(const JsonObject& object) {
  const auto type = object.text("type");
  if (!type) return std::unexpected(type.error());
  if (type->value_or("function") != "function")
    return refuse(object.path("type"), std::format("{} must be function, not \"{}\"", object.path("type"), **type),
                  "unsupported_value");
  const auto nested = object.find("function");
  if (!nested) return refuse(object.path("function"), object.path("function") + " is missing: name and arguments");
  const auto function = JsonObject::of(*nested, object.path("function"));
  if (!function) return std::unexpected(function.error());
  auto call = read_function(*function);
  const auto id = object.text("id");
  if (!id) return std::unexpected(id.error());
  if (call) call->id = id->value_or("");
  return call;
}

Parsed<void> read_calls(const JsonObject& message, std::vector<ToolCall>& calls) {
  if (const auto old = message.find("function_call")) {
    const auto function = JsonObject::of(*old, message.path("function_call"));
    if (!function) return std::unexpected(function.error());
    auto call = read_function(*function);
    if (!call) return std::unexpected(call.error());
    calls.push_back(std::move(*call));
  }
  const auto value = message.find("tool_calls");
  if (!value) return {};
  simdjson::dom::array list;
  if (value->get_array().get(list) != simdjson::SUCCESS)
    return refuse(message.path("tool_calls"), message.path("tool_calls") + " must be a list", "invalid_type");
  std::size_t index = 0;
  for (const Json element : list) {
    const auto object = JsonObject::of(element, std::format("{}[{}]", message.path("tool_calls"), index++));
    if (!object) return std::unexpected(object.error());
    auto call = read_call(*object);
    if (!call) return std::unexpected(call.error());
    calls.push_back(std::move(*call));
  }
  return {};
}

// Ollama's pictures stand beside the content. A question about them would be answered without them.
Parsed<void> check_no_images(const JsonObject& message) {
  const auto images = message.find("images");
  simdjson::dom::array list;
  if (!images || (images->get_array().get(list) == simdjson::SUCCESS && list.size() == 0)) return {};
  return refuse(message.path("images"), message.path("images") + " is not supported: send image_url parts in content",
                "unsupported_parameter");
}

// Whether the message says enough without content.
bool may_lack_content(const JsonObject& message) {
  constexpr std::array<std::string_view, 4> others = {"tool_calls", "function_call", "reasoning_content", "reasoning"};
  return std::ranges::any_of(others, [&](std::string_view name) { return message.find(name).has_value(); });
}

}  // namespace

Parsed<void> read_message(const JsonObject& message, const RequestRules& rules, ChatRequest& request) {
  auto role = role_of(message);
  if (!role) return std::unexpected(role.error());
  if (auto none = check_no_images(message); !none) return none;
  request.messages.push_back({.role = std::move(*role), .parts = {}, .tool_calls = {}, .tool_call_id = {}});
  Message& read = request.messages.back();
  if (read.role == "tool") {
    const auto id = message.text("tool_call_id");
    if (!id) return std::unexpected(id.error());
    read.tool_call_id = id->value_or("");
  }
  if (read.role != "assistant") {
    const bool calls = message.find("tool_calls") || message.find("function_call");
    if (calls) return refuse(message.path("role"), "only a message of the assistant may call tools");
    return read_content(message, "content", rules, request);
  }
  if (auto calls = read_calls(message, read.tool_calls); !calls) return calls;
  if (message.find("content")) return read_content(message, "content", rules, request);
  const auto refusal = message.text("refusal");
  if (!refusal) return std::unexpected(refusal.error());
  if (*refusal) read.parts.emplace_back(std::string(**refusal));
  if (*refusal || may_lack_content(message)) return {};
  return read_content(message, "content", rules, request);  // which is missing
}

}  // namespace fovea::serve
