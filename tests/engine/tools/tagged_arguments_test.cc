#include "engine/tools/tagged_arguments.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

using State = TaggedArguments::State;

// The JSON of arguments, and how they end.
std::pair<std::string, State> read(ToolFormat format, std::string_view text) {
  TaggedArguments arguments(*call_form(format).tags, {"t"});
  std::string json;
  State state = State::open;
  for (std::size_t i = 0; i < text.size() && state == State::open; ++i) state = arguments.take(text[i], json);
  return {json, state};
}

TEST(TaggedArguments, TextIsEscapedAndLosesALineBreakOnEachSide) {
  EXPECT_EQ(read(ToolFormat::qwen_xml, "<parameter=t>\n\n\"a\\\x01\t</b>\r\n\n</parameter></function>"),
            std::pair(std::string(R"({"t":"\n\"a\\\u0001\t</b>\r\n"})"), State::whole));
  EXPECT_EQ(read(ToolFormat::glm, "<arg_key>t</arg_key><arg_value>\na\n</arg_value></tool_call>"),
            std::pair(std::string(R"({"t":"\na\n"})"), State::whole));
  EXPECT_EQ(read(ToolFormat::qwen_xml, "<parameter=t></parameter></function>").first, R"({"t":""})");
}

TEST(TaggedArguments, AnEndThatIsNotOneIsText) {
  EXPECT_EQ(read(ToolFormat::qwen_xml, "<parameter=t></para</parameter></function>").first, R"({"t":"</para"})");
  EXPECT_EQ(read(ToolFormat::qwen_xml, "<parameter=t><</parameter></function>").first, R"({"t":"<"})");
}

TEST(TaggedArguments, OthersAreJsonOrText) {
  EXPECT_EQ(read(ToolFormat::qwen_xml, "<parameter=n>\n 7\n</parameter><parameter=m>[1,</parameter></function>").first,
            R"({"n":7,"m":"[1,"})");
  const std::string deep = std::string(200, '[') + std::string(200, ']');
  EXPECT_EQ(read(ToolFormat::qwen_xml, "<parameter=n>" + deep + "</parameter></function>").first,
            R"({"n":")" + deep + "\"}");
}

TEST(TaggedArguments, WhatIsNoTagEndsThemAndIsGivenBack) {
  TaggedArguments arguments(*call_form(ToolFormat::qwen_xml).tags, {});
  std::string json;
  State state = State::open;
  for (const char c : std::string_view("<parameter=a<x")) {
    state = arguments.take(c, json);
    if (state != State::open) break;
  }
  EXPECT_EQ(state, State::broken);
  EXPECT_EQ(json, "{}");
  EXPECT_EQ(arguments.rest(), "<parameter=a<");
}

}  // namespace
}  // namespace fovea
