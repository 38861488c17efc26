#include "engine/tools/tool_format.h"

#include <array>

namespace fovea {

ToolFormat tool_format_of(std::string_view chat_template) {
  if (chat_template.contains("[TOOL_CALLS]")) return ToolFormat::mistral;
  if (chat_template.contains("<tool_call>")) return ToolFormat::hermes;
  if (chat_template.contains("<|python_tag|>")) return ToolFormat::llama3;
  return ToolFormat::generic;
}

std::string_view to_string(ToolFormat format) {
  switch (format) {
    case ToolFormat::generic: return "generic";
    case ToolFormat::hermes: return "hermes";
    case ToolFormat::llama3: return "llama3";
    case ToolFormat::mistral: return "mistral";
  }
  return {};
}

std::span<const std::string_view> call_tokens(ToolFormat format) {
  static constexpr std::array<std::string_view, 1> llama3 = {"<|python_tag|>"};
  static constexpr std::array<std::string_view, 2> mistral = {"[TOOL_CALLS]", "[ARGS]"};
  if (format == ToolFormat::llama3) return llama3;
  if (format == ToolFormat::mistral) return mistral;
  return {};
}

}  // namespace fovea
