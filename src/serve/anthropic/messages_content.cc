// Anthropic's turns have blocks, where chat templates have messages: a user's turn may have the results of
// tools and then a question. Each result becomes a message of its own, and what stands between results
// becomes messages of the user. So a block is appended to the last message if that has the role that the
// block needs.
#include "serve/anthropic/messages_content.h"

#include <format>
#include <utility>

#include "serve/openai/content.h"

namespace fovea::serve::anthropic {

namespace {

// Claude Code's first block of `system`. It differs in each request, and would make every prompt a new one.
constexpr std::string_view billing_header = "x-anthropic-billing-header:";

std::unexpected<Refusal> missing(const JsonObject& object, std::string_view name) {
  return refuse(object.path(name), object.path(name) + " is missing", "missing_required_parameter");
}

Parsed<std::string_view> text_in(const JsonObject& object, std::string_view name) {
  const auto text = object.text(name);
  if (!text) return std::unexpected(text.error());
  if (!*text) return missing(object, name);
  return **text;
}

Parsed<JsonObject> object_in(const JsonObject& object, std::string_view name) {
  const auto value = object.find(name);
  if (!value) return missing(object, name);
  return JsonObject::of(*value, object.path(name));
}

// The last message, if it is one of `role` that more may be appended to; else a new one.
Message& message_of(std::string_view role, ChatRequest& request) {
  if (request.messages.empty() || request.messages.back().role != role)
    request.messages.push_back({.role = std::string(role), .parts = {}, .tool_calls = {}, .tool_call_id = {}});
  return request.messages.back();
}

Parsed<void> add_picture(const JsonObject& block, const RequestRules& rules, Message& message, ChatRequest& request) {
  const auto source = object_in(block, "source");
  if (!source) return std::unexpected(source.error());
  auto picture = read_image_source(*source, rules);
  if (!picture) return std::unexpected(picture.error());
  if (request.images.size() == rules.images_max) return std::unexpected(too_many_images(*picture, rules));
  message.parts.emplace_back(ImageSlot{request.images.size()});
  request.images.push_back(std::move(*picture));
  return {};
}

// A text or a picture, which both turns and the results of tools have.
Parsed<void> add_plain(const JsonObject& block, std::string_view type, const RequestRules& rules, Message& message,
                       ChatRequest& request) {
  if (type == "image") return add_picture(block, rules, message, request);
  if (type != "text")
    return refuse(block.path("type"),
                  std::format("{} must be text, image, tool_use or tool_result, not \"{}\"", block.path("type"), type),
                  "unsupported_value");
  const auto text = text_in(block, "text");
  if (!text) return std::unexpected(text.error());
  add_text(*text, message);
  return {};
}

// Calls `take` with each block of `list` and its type.
template <typename Take>
Parsed<void> each_block(const simdjson::dom::array& list, const std::string& where, const Take& take) {
  std::size_t index = 0;
  for (const Json element : list) {
    const auto block = JsonObject::of(element, std::format("{}[{}]", where, index++));
    if (!block) return std::unexpected(block.error());
    const auto type = text_in(*block, "type");
    if (!type) return std::unexpected(type.error());
    if (auto taken = take(*block, *type); !taken) return taken;
  }
  return {};
}

// A text, or a list of blocks of which each is given to `take`.
template <typename TakeText, typename Take>
Parsed<void> text_or_blocks(const Json& content, const std::string& where, const TakeText& take_text,
                            const Take& take) {
  std::string_view text;
  if (content.get_string().get(text) == simdjson::SUCCESS) {
    take_text(text);
    return {};
  }
  simdjson::dom::array list;
  if (content.get_array().get(list) == simdjson::SUCCESS) return each_block(list, where, take);
  return refuse(where, where + " must be a text or a list of blocks", "invalid_type");
}

// {"type": "tool_use", "id", "name", "input"}
Parsed<void> add_call(const JsonObject& block, ChatRequest& request) {
  const auto id = text_in(block, "id");
  if (!id) return std::unexpected(id.error());
  const auto name = text_in(block, "name");
  if (!name) return std::unexpected(name.error());
  const auto input = object_in(block, "input");
  if (!input) return std::unexpected(input.error());
  message_of("assistant", request)
      .tool_calls.push_back({std::string(*id), std::string(*name), simdjson::minify(input->fields())});
  return {};
}

void begin_with(std::string_view text, Message& message) {
  auto& parts = message.parts;
  if (auto* first = parts.empty() ? nullptr : std::get_if<std::string>(&parts.front()))
    first->insert(0, text);
  else
    parts.insert(parts.begin(), std::string(text));
}

// {"type": "tool_result", "tool_use_id", "content": a text or blocks, "is_error"}
Parsed<void> add_result(const JsonObject& block, const RequestRules& rules, ChatRequest& request) {
  const auto id = text_in(block, "tool_use_id");
  if (!id) return std::unexpected(id.error());
  const auto failed = block.truth("is_error");
  if (!failed) return std::unexpected(failed.error());
  request.messages.push_back({.role = "tool", .parts = {}, .tool_calls = {}, .tool_call_id = std::string(*id)});
  Message& message = request.messages.back();
  if (const auto content = block.find("content")) {
    auto read = text_or_blocks(
        *content, block.path("content"), [&](std::string_view text) { add_text(text, message); },
        [&](const JsonObject& part, std::string_view type) { return add_plain(part, type, rules, message, request); });
    if (!read) return read;
  }
  if (failed->value_or(false)) begin_with("Error: ", message);
  return {};
}

Parsed<void> add_block(const JsonObject& block, std::string_view type, std::string_view role, const RequestRules& rules,
                       ChatRequest& request) {
  if (type == "tool_use" && role == "assistant") return add_call(block, request);
  if (type == "tool_result" && role == "user") return add_result(block, rules, request);
  if (type == "tool_use" || type == "tool_result")
    return refuse(block.path("type"), std::format("a message of the {} may have no {}", role, type));
  if (type == "thinking" || type == "redacted_thinking") return {};
  return add_plain(block, type, rules, message_of(role, request), request);
}

Parsed<std::string_view> role_of(const JsonObject& turn) {
  const auto role = text_in(turn, "role");
  if (!role) return std::unexpected(role.error());
  if (*role == "user" || *role == "assistant" || *role == "system") return *role;
  return refuse(turn.path("role"), std::format("{} must be user or assistant, not \"{}\"", turn.path("role"), *role));
}

}  // namespace

Parsed<ImageReference> read_image_source(const JsonObject& source, const RequestRules& rules) {
  const auto type = text_in(source, "type");
  if (!type) return std::unexpected(type.error());
  if (*type == "base64") {
    const auto data = text_in(source, "data");
    if (!data) return std::unexpected(data.error());
    return read_image_url(std::format("data:;base64,{}", *data), source.path("data"), rules);
  }
  if (*type == "url") {
    const auto url = text_in(source, "url");
    return url ? read_image_url(*url, source.path("url"), rules) : std::unexpected(url.error());
  }
  if (*type == "file") {
    const auto id = text_in(source, "file_id");
    if (!id) return std::unexpected(id.error());
    return ImageReference{ImageFileId{std::string(*id)}, source.path("file_id")};
  }
  return refuse(source.path("type"),
                std::format("{} must be base64, url or file, not \"{}\"", source.path("type"), *type));
}

Parsed<void> read_turn(const JsonObject& turn, const std::string& where, const RequestRules& rules,
                       ChatRequest& request) {
  const auto role = role_of(turn);
  if (!role) return std::unexpected(role.error());
  const auto content = turn.find("content");
  if (!content) return missing(turn, "content");
  return text_or_blocks(
      *content, where + ".content", [&](std::string_view text) { add_text(text, message_of(*role, request)); },
      [&](const JsonObject& block, std::string_view type) { return add_block(block, type, *role, rules, request); });
}

Parsed<void> read_system(const JsonObject& body, ChatRequest& request) {
  const auto value = body.find("system");
  if (!value) return {};
  std::string all;
  const auto add = [&](std::string_view text) {
    if (text.starts_with(billing_header)) return;
    if (!all.empty()) all += '\n';
    all += text;
  };
  const auto add_block = [&](const JsonObject& block, std::string_view type) -> Parsed<void> {
    if (type != "text") return refuse(block.path("type"), block.path("type") + " must be text", "unsupported_value");
    const auto text = text_in(block, "text");
    if (!text) return std::unexpected(text.error());
    add(*text);
    return {};
  };
  if (auto read = text_or_blocks(*value, "system", add, add_block); !read) return read;
  if (!all.empty())
    request.messages.push_back({.role = "system", .parts = {std::move(all)}, .tool_calls = {}, .tool_call_id = {}});
  return {};
}

}  // namespace fovea::serve::anthropic
