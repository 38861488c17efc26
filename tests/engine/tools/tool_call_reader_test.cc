#include "engine/tools/tool_call_reader.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/tools/split_reading.h"

namespace fovea {
namespace {

const ToolUse& tools() {
  static const ToolUse use = {.tools = {{.name = "find",
                                         .parameters = R"({"type":"object","properties":{"what":{"type":"string"},)"
                                                       R"("count":{"type":"integer"}}})"},
                                        {.name = "find_all"}}};
  return use;
}

// The content, then name(arguments) of each call.
std::string read(ToolFormat format, std::string_view text) {
  const AnswerParts parts = read_answer(format, tools(), text);
  std::string said = parts.content;
  for (const ToolCall& call : parts.calls) said += "|" + call.name + call.arguments;
  return said;
}

TEST(ToolCallReader, Hermes) {
  for (const ToolFormat format : {ToolFormat::hermes, ToolFormat::generic}) {
    EXPECT_EQ(read(format, "No call."), "No call.");
    EXPECT_EQ(read(format, "<tool_call>\n{\"name\": \"find\", \"arguments\": {\"what\": \"a \\\"}\"}}\n</tool_call>"),
              R"(|find{"what": "a \"}"})");
    EXPECT_EQ(read(format,
                   "I look.\n\n<tool_call>{\"name\":\"find\",\"parameters\":{}}</tool_call>\n"
                   "<tool_call>{\"name\":\"find_all\",\"arguments\":{\"a\":[{}]}}</tool_call>\n"),
              R"(I look.|find{}|find_all{"a":[{}]})");
    EXPECT_EQ(read(format, "a <tool_call>{\"name\":\"find\",\"arguments\":{}}</tool_call> b"), "a b|find{}");
  }
}

TEST(ToolCallReader, Llama3) {
  const auto format = ToolFormat::llama3;
  EXPECT_EQ(read(format, R"({"name": "find", "parameters": {"what": "x"}})"), R"(|find{"what": "x"})");
  EXPECT_EQ(read(format, R"(<|python_tag|>{"name": "find", "parameters": {}}; {"name":"find_all","parameters":{}})"),
            "|find{}|find_all{}");
  EXPECT_EQ(read(format, R"(See {"name": "find", "parameters": {}})"), R"(See {"name": "find", "parameters": {}})");
  EXPECT_EQ(read(format, R"({"name": "Ann"})"), R"({"name": "Ann"})");
}

TEST(ToolCallReader, Lists) {
  for (const auto& [format, tag] :
       {std::pair(ToolFormat::mistral, "[TOOL_CALLS]"), std::pair(ToolFormat::granite, "<|tool_call|>")}) {
    EXPECT_EQ(read(format, std::string(tag) + R"([{"name": "find", "arguments": {"count": 2}}])"),
              R"(|find{"count": 2})");
    EXPECT_EQ(read(format, "So: " + std::string(tag) +
                               R"( [{"name":"find","arguments":{}, "id": "a1"},)"
                               R"( {"name":"find_all","arguments":{}}] ok)"),
              "So: ok|find{}|find_all{}");
  }
}

TEST(ToolCallReader, MistralArgs) {
  EXPECT_EQ(read(ToolFormat::mistral_args, R"([TOOL_CALLS]find[ARGS]{"what":"x"}[TOOL_CALLS]find_all[ARGS]{})"),
            R"(|find{"what":"x"}|find_all{})");
  EXPECT_EQ(read(ToolFormat::mistral_args, "[TOOL_CALLS]find[CALL_ID]a1b2c3d4e[ARGS]{}"), "|find{}");
}

TEST(ToolCallReader, QwenXml) {
  EXPECT_EQ(read(ToolFormat::qwen_xml,
                 "Now.\n<tool_call>\n<function=find>\n<parameter=what>\na \"red\"\nhat < 1\n\n"
                 "</parameter>\n<parameter=count>\n2\n</parameter>\n</function>\n</tool_call>"),
            R"(Now.|find{"what":"a \"red\"\nhat < 1\n","count":2})");
  EXPECT_EQ(read(ToolFormat::qwen_xml, "<tool_call>\n<function=find_all>\n</function>\n</tool_call>"), "|find_all{}");
  EXPECT_EQ(read(ToolFormat::qwen_xml,
                 "<tool_call><function=find_all><parameter=x>[1, {\"a\": null}]</parameter>"
                 "<parameter=y>plain {text</parameter></function></tool_call>"),
            R"(|find_all{"x":[1, {"a": null}],"y":"plain {text"})");
}

TEST(ToolCallReader, Glm) {
  EXPECT_EQ(read(ToolFormat::glm,
                 "<tool_call>find\n<arg_key>what</arg_key>\n<arg_value>a</arg_value>\n"
                 "<arg_key>count</arg_key>\n<arg_value>3</arg_value>\n</tool_call>"),
            R"(|find{"what":"a","count":3})");
  EXPECT_EQ(read(ToolFormat::glm, "<tool_call>find\n</tool_call><tool_call>find_all</tool_call>"),
            "|find{}|find_all{}");
}

TEST(ToolCallReader, WhatIsNoCallOfAKnownToolIsContent) {
  for (const char* text :
       {"<tool_call>", "<tool_call>{\"name\":\"fin", "<tool_call>{\"name\":\"other\",\"arguments\":{}}</tool_call>",
        "<tool_call>{\"arguments\":{},\"name\":\"find\"}</tool_call>", "<tool_call>find</tool_call> x <tool", "a <<b",
        "<tool_call>{\"name\":\"find\",\"arguments\":\"{}\"}</tool_call>"})
    EXPECT_EQ(read(ToolFormat::hermes, text), text);
  const std::string wide = "<tool_call>" + std::string(1000, ' ') + "{\"name\":\"find\",\"arguments\":{}}</tool_call>";
  EXPECT_EQ(read(ToolFormat::hermes, wide), wide);
  EXPECT_EQ(read(ToolFormat::mistral, "[TOOL_CALLS][TOOL_CALLS] [{\"name\":\"find\",\"arguments\":{}}]"),
            "[TOOL_CALLS]|find{}")
      << "a beginning may begin in one that is broken";
  EXPECT_EQ(read(ToolFormat::qwen_xml, "<tool_call><function=find><b>"), "<b>|find{}");
  EXPECT_EQ(read(ToolFormat::hermes, "<tool_call>{\"name\":\"find\",\"arguments\":{},\"x\":1}</tool_call>"),
            ",\"x\":1}</tool_call>|find{}");
}

TEST(ToolCallReader, AnAnswerThatEndsInACallHasWhatWasStreamedOfIt) {
  EXPECT_EQ(read(ToolFormat::hermes, "<tool_call>{\"name\":\"find\",\"arguments\":{\"what\":\"a b"),
            "|find{\"what\":\"a b");
  EXPECT_EQ(read(ToolFormat::hermes, "<tool_call>{\"name\":\"find\",\"arguments\":{}}</tool_"), "|find{}");
  EXPECT_EQ(read(ToolFormat::qwen_xml, "<tool_call><function=find><parameter=what>a b</para"), "|find{\"what\":\"a b");
}

TEST(ToolCallReader, TellsOfArgumentsThatWereCut) {
  const auto cut = [](ToolFormat format, std::string_view text) { return read_answer(format, tools(), text).cut; };
  const std::string begun = R"(<tool_call>{"name":"find","arguments":{"what":)";
  EXPECT_TRUE(cut(ToolFormat::hermes, begun));
  EXPECT_TRUE(cut(ToolFormat::qwen_xml, "<tool_call><function=find><parameter=what>a b</para"));
  EXPECT_FALSE(cut(ToolFormat::hermes, begun + "1}"));
  EXPECT_FALSE(cut(ToolFormat::hermes, "<tool_call>"));
  EXPECT_FALSE(cut(ToolFormat::hermes, "A cat."));
}

TEST(ToolCallReader, WithoutToolsAllIsContent) {
  const std::string call = "<tool_call>{\"name\":\"find\",\"arguments\":{}}</tool_call> ";
  EXPECT_EQ(read_answer(ToolFormat::hermes, {}, call).content, call);
  ToolUse none = tools();
  none.choice = ToolChoice::none;
  EXPECT_EQ(read_answer(ToolFormat::hermes, none, call).content, call);
}

TEST(ToolCallReader, PassesOnWhatIsCertain) {
  ToolCallReader reader(ToolFormat::hermes, tools());
  using Pieces = std::vector<AnswerPiece>;
  EXPECT_EQ(reader.push("I see <"), (Pieces{ContentPiece{"I see"}}));
  EXPECT_EQ(reader.push("b> \n"), (Pieces{ContentPiece{" <b>"}}));
  EXPECT_EQ(reader.push("<tool_call>{\"name\": \"find\", \"arguments\""), Pieces{});
  EXPECT_EQ(reader.push(": {"), (Pieces{CallBegin{0, "find"}, ArgumentsPiece{0, "{"}}));
  EXPECT_EQ(reader.push("\"wh"), (Pieces{ArgumentsPiece{0, "\"wh"}}));
  EXPECT_EQ(reader.push("at\":\"}\"}"), (Pieces{ArgumentsPiece{0, "at\":\"}\"}"}}));
  EXPECT_EQ(reader.push("}</tool_call>\n<tool_call>{\"name\":\"find_all\",\"arguments\":{}}</tool_call>\n"),
            (Pieces{CallBegin{1, "find_all"}, ArgumentsPiece{1, "{}"}}));
  EXPECT_EQ(reader.finish(), Pieces{});
}

TEST(ToolCallReader, WhiteSpaceIsKeptWhereNoCallIs) {
  EXPECT_EQ(read(ToolFormat::hermes, " \n a\n\n"), " \n a\n\n");
  EXPECT_EQ(read(ToolFormat::llama3, " \n a\n\n"), " \n a\n\n");
  EXPECT_EQ(read(ToolFormat::llama3, " "), " ");
}

// Parts of calls of all forms, in any order and any split.
RC_GTEST_PROP(ToolCallReaderSplits, AnySplitGivesTheSamePieces, ()) {
  const auto format = *rc::gen::elementOf(std::vector(all_tool_formats.begin(), all_tool_formats.end()));
  const std::vector<std::string> parts = {"<tool_call>",
                                          "</tool_call>",
                                          "{\"name\": \"",
                                          "find",
                                          "find_all",
                                          "\", \"arguments\": {",
                                          "\"parameters\":",
                                          "{",
                                          "}",
                                          "[",
                                          "]",
                                          ",",
                                          ";",
                                          "[TOOL_CALLS]",
                                          "[ARGS]",
                                          "<|tool_call|>",
                                          "<|python_tag|>",
                                          "<function=",
                                          ">",
                                          "<parameter=what>",
                                          "<parameter=",
                                          "</parameter>",
                                          "</function>",
                                          "<arg_key>",
                                          "</arg_key>",
                                          "<arg_value>",
                                          "</arg_value>",
                                          "\n",
                                          " ",
                                          "\"",
                                          "\\",
                                          "text",
                                          "<",
                                          "\xc3\xa9",
                                          "<tool_call>{\"name\":\"find\",\"arguments\":{",
                                          "<tool_call><function=find><parameter=what>"};
  std::string text;
  for (const std::string& part : *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(parts))) text += part;
  const auto whole = test::read_in_pieces(format, tools(), text, 0);
  RC_ASSERT(test::read_in_pieces(format, tools(), text, 1) == whole);
  RC_ASSERT(test::read_in_pieces(format, tools(), text, *rc::gen::inRange(2u, 1000u)) == whole);
}

TEST(ToolCallReader, OfManyBeginningsThatAreBrokenNothingIsLost) {
  for (const ToolFormat format : all_tool_formats) {
    for (const char* part :
         {"<", "<tool_call>", "<tool_call>                      ", "[TOOL_CALLS][", "{\"name\": ", "<|"}) {
      std::string text;
      while (text.size() < 20000) text += part;
      EXPECT_EQ(read(format, text), text) << to_string(format);
    }
  }
}

}  // namespace
}  // namespace fovea
