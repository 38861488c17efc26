// A template is looked at for texts that no other form has: tags and the names of control tokens.
#include "engine/tools/tool_format.h"

namespace fovea {

ToolFormat tool_format_of(std::string_view chat_template) {
  const auto has = [chat_template](std::string_view text) { return chat_template.contains(text); };
  if (has("[TOOL_CALLS]")) return has("[ARGS]") ? ToolFormat::mistral_args : ToolFormat::mistral;
  if (has("<|tool_call|>")) return ToolFormat::granite;
  if (has("<tool_call>")) {
    if (has("<function=")) return ToolFormat::qwen_xml;
    return has("<arg_key>") ? ToolFormat::glm : ToolFormat::hermes;
  }
  // Templates of the smaller Llamas name the form and not the token.
  if (has("<|python_tag|>") || has(R"("parameters": dictionary of argument name)")) return ToolFormat::llama3;
  return ToolFormat::generic;
}

std::string_view to_string(ToolFormat format) {
  switch (format) {
    case ToolFormat::generic:
      return "generic";
    case ToolFormat::hermes:
      return "hermes";
    case ToolFormat::llama3:
      return "llama3";
    case ToolFormat::mistral:
      return "mistral";
    case ToolFormat::mistral_args:
      return "mistral_args";
    case ToolFormat::granite:
      return "granite";
    case ToolFormat::qwen_xml:
      return "qwen_xml";
    case ToolFormat::glm:
      return "glm";
  }
  return {};
}

std::span<const std::string_view> call_tokens(ToolFormat format) {
  static constexpr std::array<std::string_view, 2> tags = {"<tool_call>", "</tool_call>"};
  static constexpr std::array<std::string_view, 1> llama3 = {"<|python_tag|>"};
  static constexpr std::array<std::string_view, 3> mistral = {"[TOOL_CALLS]", "[ARGS]", "[CALL_ID]"};
  static constexpr std::array<std::string_view, 1> granite = {"<|tool_call|>"};
  static constexpr std::array<std::string_view, 6> glm = {"<tool_call>", "</tool_call>", "<arg_key>",
                                                          "</arg_key>",  "<arg_value>",  "</arg_value>"};
  switch (format) {
    case ToolFormat::generic:
    case ToolFormat::hermes:
    case ToolFormat::qwen_xml:
      return tags;
    case ToolFormat::llama3:
      return llama3;
    case ToolFormat::mistral:
    case ToolFormat::mistral_args:
      return mistral;
    case ToolFormat::granite:
      return granite;
    case ToolFormat::glm:
      return glm;
  }
  return {};
}

}  // namespace fovea
