#include "engine/tools/tool_format.h"

#include <gtest/gtest.h>

#include <set>

namespace fovea {
namespace {

// The lines of public templates by which each form is known.
TEST(ToolFormat, IsKnownFromTheTemplate) {
  EXPECT_EQ(tool_format_of("{% for m in messages %}<|im_start|>{{ m.role }}{% endfor %}"), ToolFormat::generic);
  EXPECT_EQ(
      tool_format_of(R"(return a json object within <tool_call></tool_call> XML tags:\n\n<tool_call>\n{\"name\")"),
      ToolFormat::hermes);
  EXPECT_EQ(tool_format_of(R"({{- "<|python_tag|>" + tool_call.name + ".call(" }})"), ToolFormat::llama3);
  EXPECT_EQ(tool_format_of(R"('{"name": function name, "parameters": dictionary of argument name and its value}.')"),
            ToolFormat::llama3);
  EXPECT_EQ(tool_format_of(R"({{- "[TOOL_CALLS] [" }})"), ToolFormat::mistral);
  EXPECT_EQ(tool_format_of(R"({{- "[TOOL_CALLS]" + name + "[ARGS]" + arguments }})"), ToolFormat::mistral_args);
  EXPECT_EQ(tool_format_of("respond only with <|tool_call|> followed by a JSON list of tools used"),
            ToolFormat::granite);
  EXPECT_EQ(tool_format_of(R"(<tool_call>\n<function=example_function_name>\n<parameter=example_parameter_1>)"),
            ToolFormat::qwen_xml);
  EXPECT_EQ(tool_format_of("<tool_call>{function-name}\n<arg_key>{arg-key-1}</arg_key>"), ToolFormat::glm);
}

TEST(ToolFormat, NamesDiffer) {
  std::set<std::string_view> names;
  for (const ToolFormat format : all_tool_formats) names.insert(to_string(format));
  EXPECT_EQ(names.size(), all_tool_formats.size());
  EXPECT_FALSE(names.contains(""));
}

TEST(ToolFormat, CallTokensAreThoseOfTheForm) {
  EXPECT_EQ(call_tokens(ToolFormat::llama3).front(), "<|python_tag|>");
  EXPECT_EQ(call_tokens(ToolFormat::mistral).front(), "[TOOL_CALLS]");
  for (const ToolFormat format : all_tool_formats) EXPECT_FALSE(call_tokens(format).empty());
}

}  // namespace
}  // namespace fovea
