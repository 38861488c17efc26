#include "serve/asking/answerable.h"

#include <algorithm>
#include <format>
#include <string_view>

#include "engine/tools/tool_format.h"

namespace fovea::serve {

namespace {

// The text of a call's beginning in `message`, of any model's form; empty for none.
std::string_view call_begun(const Message& message) {
  for (const PromptPart& part : message.parts) {
    const auto* text = std::get_if<std::string>(&part);
    if (text == nullptr) continue;
    for (const ToolFormat format : all_tool_formats) {
      const std::string_view token = call_tokens(format).front();
      if (text->contains(token)) return token;
    }
  }
  return {};
}

}  // namespace

bool has_content(const Message& message) {
  return std::ranges::any_of(message.parts, [](const PromptPart& part) {
    const auto* text = std::get_if<std::string>(&part);
    return text == nullptr || !text->empty();
  });
}

Parsed<void> check_answerable(const ChatRequest& request, const std::string& field) {
  if (request.messages.empty()) return {};
  const Message& last = request.messages.back();
  if (last.role == "assistant" && !last.tool_calls.empty())
    return refuse(field, std::format("{} ends with a call of the tool \"{}\": send the call's result behind it", field,
                                     last.tool_calls.back().name));
  if (!request.continue_final) return {};
  if (request.options.json_schema)
    return refuse(field,
                  std::format("{} ends with a message of the assistant, and an answer that is held to a JSON Schema "
                              "cannot begin amidst it: leave out the message, or the schema",
                              field));
  if (const auto begun = call_begun(last); request.options.tools.wanted() && !begun.empty())
    return refuse(field, std::format("{} ends with \"{}\", and a call that the request begins is not read as one: "
                                     "leave it out, and send tool_choice",
                                     field, begun));
  return {};
}

}  // namespace fovea::serve
