// ToolFormat: the form in which a model writes tool calls, known from its chat template. A plain value; pure
// functions.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace fovea {

enum class ToolFormat : std::uint8_t {
  generic,  // the template knows no tools: the form of `hermes`, explained in the system message
  hermes,   // <tool_call>{"name": ..., "arguments": {...}}</tool_call>: Hermes, Qwen 2.5 and 3, and others
  llama3,   // {"name": ..., "parameters": {...}} alone, also behind <|python_tag|>
  mistral,  // [TOOL_CALLS][{"name": ..., "arguments": {...}}, ...], or [TOOL_CALLS]name[ARGS]{...}
};

// The form that a model with this chat template (Jinja) writes.
ToolFormat tool_format_of(std::string_view chat_template);

std::string_view to_string(ToolFormat format);

// The texts of control tokens that calls of this form are written with. An answer's text has no control tokens
// otherwise.
std::span<const std::string_view> call_tokens(ToolFormat format);

}  // namespace fovea
