// ToolFormat: the form in which a model writes tool calls, known from its chat template. A plain value; pure
// functions. CallForm says what each form looks like.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace fovea {

enum class ToolFormat : std::uint8_t {
  generic,       // the template knows no tools: the form of `hermes`, explained in the system message
  hermes,        // <tool_call>{"name": ..., "arguments": {...}}</tool_call>: Hermes, Qwen 2.5 and 3, and others
  llama3,        // {"name": ..., "parameters": {...}} alone, also behind <|python_tag|>
  mistral,       // [TOOL_CALLS][{"name": ..., "arguments": {...}}, ...]
  mistral_args,  // [TOOL_CALLS]name[ARGS]{...}: newer models of Mistral
  granite,       // <|tool_call|>[{"name": ..., "arguments": {...}}, ...]
  qwen_xml,      // <tool_call><function=name><parameter=key>value</parameter></function></tool_call>: Qwen3-Coder, 3.5
  glm,           // <tool_call>name<arg_key>key</arg_key><arg_value>value</arg_value></tool_call>: GLM-4.5
};

inline constexpr std::array all_tool_formats = {ToolFormat::generic,  ToolFormat::hermes,       ToolFormat::llama3,
                                                ToolFormat::mistral,  ToolFormat::mistral_args, ToolFormat::granite,
                                                ToolFormat::qwen_xml, ToolFormat::glm};

// The form that a model with this chat template (Jinja) writes.
ToolFormat tool_format_of(std::string_view chat_template);

std::string_view to_string(ToolFormat format);

// The texts of control tokens that calls of this form are written with. An answer's text has no control
// tokens otherwise. The first of them begins a call.
std::span<const std::string_view> call_tokens(ToolFormat format);

}  // namespace fovea
