#include "engine/llama/grammar/tool_grammar.h"

#include <gtest/gtest.h>

#include <format>
#include <nlohmann/json.hpp>

#include "engine/llama/grammar/grammar_matcher.h"
#include "engine/llama/grammar/json_grammar.h"
#include "engine/tools/tool_call_reader.h"

namespace fovea::llama {
namespace {

constexpr const char* find_schema =
    R"({"type":"object","properties":{"what":{"enum":["cat","dog"]},"count":{"type":"integer","minimum":1,"maximum":9},)"
    R"("note":{"type":"string"}},"required":["what"],"additionalProperties":false})";

ToolUse tools(ToolChoice choice = ToolChoice::automatic) {
  return {.tools = {{.name = "find", .parameters = find_schema}, {.name = "find_all"}}, .choice = choice};
}

test::GrammarMatcher matcher(ToolFormat format, const ToolUse& use, const std::optional<std::string>& schema = {}) {
  const auto grammar = tool_grammar(format, use, schema);
  EXPECT_TRUE(grammar) << (grammar ? "" : grammar.error().message);
  return test::GrammarMatcher(grammar.value_or("root ::= \"no grammar\""));
}

bool takes(ToolFormat format, const ToolUse& use, std::string_view text) { return matcher(format, use).takes(text); }

struct Example {
  ToolFormat format;
  const char* one;      // a call of `find`
  const char* two;      // of `find`, then of `find_all`
  const char* refused;  // arguments that do not fit
};

const Example examples[] = {
    {ToolFormat::generic, "<tool_call>\n{\"name\": \"find\", \"arguments\": {\"what\": \"cat\"}}\n</tool_call>",
     "<tool_call>{\"name\":\"find\",\"arguments\":{\"what\":\"dog\",\"count\":2}}</tool_call>\n"
     "<tool_call>{\"name\":\"find_all\",\"arguments\":{\"x\":[1]}}</tool_call>",
     "<tool_call>{\"name\":\"find\",\"arguments\":{\"what\":\"cow\"}}</tool_call>"},
    {ToolFormat::hermes, "<tool_call>\n{\"name\": \"find\", \"arguments\": {\"what\": \"cat\"}}\n</tool_call>",
     "<tool_call>{\"name\":\"find\",\"arguments\":{\"what\":\"dog\",\"count\":2}}</tool_call>\n"
     "<tool_call>{\"name\":\"find_all\",\"arguments\":{}}</tool_call>",
     "<tool_call>{\"name\":\"find\",\"arguments\":{}}</tool_call>"},
    {ToolFormat::llama3, R"({"name": "find", "parameters": {"what": "cat"}})",
     R"(<|python_tag|>{"name":"find","parameters":{"what":"dog"}}; {"name":"find_all","parameters":{}})",
     R"({"name": "find", "parameters": {"what": "cat","count":10}})"},
    {ToolFormat::mistral, R"([TOOL_CALLS][{"name": "find", "arguments": {"what": "cat"}}])",
     R"([TOOL_CALLS] [{"name":"find","arguments":{"what":"cat"}}, {"name":"find_all","arguments":{}}])",
     R"([TOOL_CALLS][{"name": "find", "arguments": {"what": 1}}])"},
    {ToolFormat::mistral_args, R"([TOOL_CALLS]find[ARGS]{"what": "cat"})",
     R"([TOOL_CALLS]find[ARGS]{"what":"cat","note":"a"}[TOOL_CALLS]find_all[ARGS]{})",
     R"([TOOL_CALLS]find[ARGS]{"note": "cat"})"},
    {ToolFormat::granite, R"(<|tool_call|>[{"name": "find", "arguments": {"what": "cat"}}])",
     R"(<|tool_call|>[{"name":"find","arguments":{"what":"cat"}}, {"name":"find_all","arguments":{}}])",
     R"(<|tool_call|>[{"name": "other", "arguments": {}}])"},
    {ToolFormat::qwen_xml,
     "<tool_call>\n<function=find>\n<parameter=what>\ncat\n</parameter>\n</function>\n</tool_call>",
     "<tool_call>\n<function=find>\n<parameter=what>\ndog\n</parameter>\n<parameter=count>\n2\n</parameter>\n"
     "<parameter=note>\nfrom <b> to \"c\"\n</parameter>\n</function>\n</tool_call>\n"
     "<tool_call>\n<function=find_all>\n<parameter=x>\n[1]\n</parameter>\n</function>\n</tool_call>",
     "<tool_call>\n<function=find>\n<parameter=what>\ncow\n</parameter>\n</function>\n</tool_call>"},
    {ToolFormat::glm, "<tool_call>find\n<arg_key>what</arg_key>\n<arg_value>cat</arg_value>\n</tool_call>",
     "<tool_call>find\n<arg_key>what</arg_key>\n<arg_value>cat</arg_value>\n<arg_key>count</arg_key>\n"
     "<arg_value>3</arg_value>\n</tool_call>\n<tool_call>find_all\n</tool_call>",
     "<tool_call>find\n<arg_key>what</arg_key>\n<arg_value>cat</arg_value>\n<arg_key>count</arg_key>\n"
     "<arg_value>0</arg_value>\n</tool_call>"},
};

TEST(ToolGrammar, ThereIsAnExampleOfEachForm) { EXPECT_EQ(std::size(examples), all_tool_formats.size()); }

TEST(ToolGrammar, WhereACallIsRequiredTheAnswerIsCalls) {
  for (const auto& [format, one, two, refused] : examples) {
    const ToolUse use = tools(ToolChoice::required);
    EXPECT_TRUE(takes(format, use, one)) << one;
    EXPECT_TRUE(takes(format, use, two)) << two;
    EXPECT_FALSE(takes(format, use, refused)) << refused;
    EXPECT_FALSE(takes(format, use, "")) << to_string(format);
    EXPECT_FALSE(takes(format, use, "No.")) << to_string(format);
    EXPECT_FALSE(takes(format, use, std::string(one) + " done")) << to_string(format);
  }
}

TEST(ToolGrammar, OneCallWhereTheyAreNotParallel) {
  for (const auto& [format, one, two, refused] : examples) {
    ToolUse use = tools(ToolChoice::required);
    use.parallel = false;
    EXPECT_TRUE(takes(format, use, one)) << one;
    EXPECT_FALSE(takes(format, use, two)) << two;
  }
}

TEST(ToolGrammar, ANamedToolIsTheOnlyOne) {
  for (const auto& [format, one, two, refused] : examples) {
    ToolUse use = tools(ToolChoice::required);
    use.named = "find";
    EXPECT_TRUE(takes(format, use, one)) << one;
    EXPECT_FALSE(takes(format, use, two)) << two;
    use.named = "find_all";
    EXPECT_FALSE(takes(format, use, one)) << one;
  }
}

TEST(ToolGrammar, OtherwiseTheAnswerMayBeText) {
  for (const auto& [format, one, two, refused] : examples) {
    const ToolUse use = tools();
    for (const char* text : {"", "Two cats.", "a <b> [TOOL] < { \n", "\xc3\xa9 <tool", " ", "[TOOL_CALLS", "<|python"})
      EXPECT_TRUE(takes(format, use, text)) << to_string(format) << text;
    EXPECT_TRUE(takes(format, use, one)) << one;
    EXPECT_TRUE(takes(format, use, two)) << two;
    EXPECT_FALSE(takes(format, use, refused)) << refused;
    const bool alone = format == ToolFormat::llama3;
    EXPECT_TRUE(takes(format, use, std::string("I look.\n") + one)) << to_string(format);
    EXPECT_EQ(takes(format, use, std::string("I look.\n") + refused), alone) << to_string(format);
    EXPECT_FALSE(takes(format, use, std::string(one) + " done")) << to_string(format);
  }
}

// All that the grammar accepts is read as calls whose arguments fit.
TEST(ToolGrammar, WhatItTakesIsReadAsCalls) {
  ToolUse use = tools(ToolChoice::required);
  use.tools.pop_back();
  const std::string fits = json_grammar(find_schema).value();
  for (const ToolFormat format : all_tool_formats) {
    int completed = 0;
    for (unsigned seed = 0; seed < 6; ++seed) {
      test::GrammarMatcher made = matcher(format, use);
      const std::string text = made.random_text(seed, 500);
      if (!made.complete()) continue;
      ++completed;
      const AnswerParts parts = read_answer(format, use, text);
      EXPECT_EQ(parts.content, "") << to_string(format) << text;
      ASSERT_FALSE(parts.calls.empty()) << to_string(format) << text;
      for (const ToolCall& call : parts.calls) {
        EXPECT_EQ(call.name, "find");
        EXPECT_TRUE(nlohmann::json::accept(call.arguments)) << to_string(format) << text;
        EXPECT_TRUE(test::GrammarMatcher(fits).takes(call.arguments)) << to_string(format) << text;
      }
    }
    EXPECT_GT(completed, 2) << to_string(format);
  }
}

TEST(ToolGrammar, AnAnswerWithoutCallsMayHaveASchemaToo) {
  const std::string schema = R"({"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]})";
  for (const auto& [format, one, two, refused] : examples) {
    EXPECT_TRUE(matcher(format, tools(), schema).takes(R"({"a": 1})")) << to_string(format);
    EXPECT_TRUE(matcher(format, tools(), schema).takes(one)) << to_string(format);
    EXPECT_FALSE(matcher(format, tools(), schema).takes("Two cats.")) << to_string(format);
    EXPECT_FALSE(matcher(format, tools(ToolChoice::required), schema).takes(R"({"a": 1})")) << to_string(format);
  }
  EXPECT_FALSE(tool_grammar(ToolFormat::hermes, tools(), R"({"type":"text"})"));
}

TEST(ToolGrammar, AStrictSchemaThatCannotBeKeptToIsRefused) {
  ToolUse use = tools(ToolChoice::required);
  use.tools[0].parameters = R"({"type":"object","properties":{"what":{"type":"string","not":{}}},"required":["what"]})";
  for (const ToolFormat format : all_tool_formats) {
    use.tools[0].strict = false;
    EXPECT_TRUE(tool_grammar(format, use, {})) << to_string(format);
    use.tools[0].strict = true;
    const auto refused = tool_grammar(format, use, {});
    ASSERT_FALSE(refused) << to_string(format);
    EXPECT_EQ(refused.error().fault, Fault::unsupported);
    EXPECT_TRUE(refused.error().message.contains("'find'")) << refused.error().message;
    EXPECT_TRUE(refused.error().message.contains("#/properties/what/not")) << refused.error().message;
  }
}

bool takes_arguments(const char* schema, std::string_view arguments) {
  const ToolUse use{.tools = {{.name = "find", .parameters = schema}}, .choice = ToolChoice::required};
  return takes(ToolFormat::hermes, use,
               std::format(R"(<tool_call>{{"name":"find","arguments":{}}}</tool_call>)", arguments));
}

// The other parts of the schema are kept to.
TEST(ToolGrammar, WhereAToolIsNotStrictAKeywordThatCannotBeKeptToIsPassedOver) {
  for (const char* keyword :
       {R"("not":{})", R"("format":"uri")", R"("pattern":"a")", R"("maxLength":9999)", R"("contains":{})", R"("if":{})",
        R"("pattern":"^a+b$(","minLength":1)", R"("multipleOf":2)", R"("minItems":9999)"}) {
    const std::string schema = std::format(
        R"({{"type":"object","properties":{{"a":{{"type":"string",{}}},"b":{{"enum":[1]}}}},"required":["a","b"]}})",
        keyword);
    EXPECT_TRUE(takes_arguments(schema.c_str(), R"({"a":"x","b":1})")) << keyword;
    EXPECT_FALSE(takes_arguments(schema.c_str(), R"({"a":"x","b":2})")) << keyword;
    EXPECT_FALSE(takes_arguments(schema.c_str(), R"({"b":1})")) << keyword;
    EXPECT_FALSE(takes_arguments(schema.c_str(), R"({"a":1,"b":1})")) << keyword;
  }
  // In forms with tags, too.
  const ToolUse use{.tools = {{.name = "find",
                               .parameters = R"({"properties":{"a":{"type":"string","format":"uri"},)"
                                             R"("b":{"enum":["<c>"]}},"required":["a"],"minProperties":1})"}},
                    .choice = ToolChoice::required};
  const std::string begun = "<tool_call>\n<function=find>\n", end = "</function>\n</tool_call>";
  const std::string named = begun + "<parameter=a>\nx\n</parameter>\n";
  EXPECT_TRUE(takes(ToolFormat::qwen_xml, use, named + end));
  EXPECT_TRUE(takes(ToolFormat::qwen_xml, use, named + "<parameter=b>\nc\n</parameter>\n" + end));
  EXPECT_FALSE(takes(ToolFormat::qwen_xml, use, begun + end));
}

// What a keyword that is passed over might name may be written.
TEST(ToolGrammar, APassedOverKeywordForbidsNothing) {
  const char* either = R"({"type":"object","properties":{"a":{"type":"integer"}},"required":["a"],)"
                       R"("anyOf":[{"properties":{"b":{}},"required":["b"]},{"required":["c"]}]})";
  EXPECT_TRUE(takes_arguments(either, R"({"a":1,"b":2})"));
  EXPECT_FALSE(takes_arguments(either, R"({"b":2})"));
  const char* map = R"({"type":"object","patternProperties":{"^x":{"type":"integer"}},"additionalProperties":false})";
  EXPECT_TRUE(takes_arguments(map, R"({"xy":1})"));
  const char* joined = R"({"type":"object","properties":{"a":{"allOf":[{"minimum":1},{"maximum":2}]}}})";
  EXPECT_TRUE(takes_arguments(joined, R"({"a":1})"));
}

// Alternatives and references do not make something else of it.
TEST(ToolGrammar, ArgumentsAreOfTheTypeBesideAKeywordThatIsPassedOver) {
  for (const char* schema : {R"({"type":"object","allOf":[{"properties":{"a":{}}},{"required":["a"]}]})",
                             R"({"type":"object","allOf":[{"type":"object"},{"type":"object"}]})",
                             R"({"type":"object","anyOf":[{"type":"object","properties":{"a":{}}},{"type":"null"}]})",
                             R"({"type":"object","oneOf":[{"const":null},{"type":"object"}]})",
                             R"({"type":"object","$ref":"#/$defs/d","$defs":{"d":{"type":["object","null"]}}})"}) {
    EXPECT_TRUE(takes_arguments(schema, R"({"a":1})")) << schema;
    for (const char* other : {"null", "1", "[]"}) EXPECT_FALSE(takes_arguments(schema, other)) << schema << other;
  }
}

TEST(ToolGrammar, AlternativesOfTheTypeBesideThemAreKeptTo) {
  const char* objects = R"({"type":"object","oneOf":[{"type":"object","properties":{"a":{}},"required":["a"]},)"
                        R"({"$ref":"#/$defs/b"}],"$defs":{"b":{"properties":{"b":{}},"required":["b"]}}})";
  EXPECT_TRUE(takes_arguments(objects, R"({"a":1})"));
  EXPECT_TRUE(takes_arguments(objects, R"({"b":1})"));
  EXPECT_FALSE(takes_arguments(objects, R"({"c":1})"));
  const char* titled =
      R"({"type":"object","properties":{"a":{"type":"string","oneOf":[{"const":"x"},{"const":"y"}]}}})";
  EXPECT_TRUE(takes_arguments(titled, R"({"a":"y"})"));
  EXPECT_FALSE(takes_arguments(titled, R"({"a":"z"})"));
}

TEST(ToolGrammar, ParametersAreOfAnObject) {
  ToolUse use = tools();
  for (const char* schema :
       {R"({"type":"string"})", R"({"type":["object","null"]})", "[]", "{", R"({"type":"text"})"}) {
    use.tools[0].parameters = schema;
    const auto refused = tool_grammar(ToolFormat::hermes, use, {});
    ASSERT_FALSE(refused) << schema;
    EXPECT_EQ(refused.error().fault, Fault::invalid) << schema;
    EXPECT_TRUE(refused.error().message.contains("'find'")) << refused.error().message;
  }
  for (const char* schema : {"", "{}", R"({"anyOf":[{"type":"object"}]})", R"({"type":"object"})"}) {
    use.tools[0].parameters = schema;
    EXPECT_TRUE(takes(ToolFormat::hermes, use, R"(<tool_call>{"name":"find","arguments":{"x":1}}</tool_call>)"))
        << schema;
  }
}

TEST(ToolGrammar, NamesAndNumbersOfToolsAreChecked) {
  const auto fault = [](const ToolUse& use) {
    const auto made = tool_grammar(ToolFormat::hermes, use, {});
    return made ? std::optional<Fault>() : made.error().fault;
  };
  for (const std::string& name :
       {std::string(), std::string("a b"), std::string("\xc3\xa9"), std::string("a\""), std::string(129, 'a')})
    EXPECT_EQ(fault({.tools = {{.name = name}}}), Fault::invalid) << name;
  EXPECT_EQ(fault({.tools = {{.name = "mcp.server:find/all-1_2"}, {.name = std::string(128, 'a')}}}), std::nullopt);
  EXPECT_EQ(fault({.tools = {{.name = "a"}, {.name = "a"}}}), Fault::invalid);
  EXPECT_EQ(fault({.tools = {{.name = "a"}}, .choice = ToolChoice::required, .named = "b"}), Fault::invalid);
  ToolUse many;
  for (int i = 0; i < 129; ++i) many.tools.push_back({.name = std::format("tool_{}", i)});
  EXPECT_EQ(fault(many), Fault::invalid);
  many.tools.pop_back();
  EXPECT_EQ(fault(many), std::nullopt);
}

// As large as a client with many servers of tools sends them.
TEST(ToolGrammar, TheLibraryTakesManyTools) {
  ToolUse many;
  for (int i = 0; i < 128; ++i) {
    std::string properties;
    for (int j = 0; j < 8; ++j)
      properties += std::format(R"({}"p{}_{}":{{"type":"string","description":"d"}})", j == 0 ? "" : ",", i, j);
    many.tools.push_back(
        {.name = std::format("tool_{}", i), .parameters = R"({"type":"object","properties":{)" + properties + "}}"});
  }
  EXPECT_TRUE(takes(ToolFormat::hermes, many,
                    R"(<tool_call>{"name":"tool_77","arguments":{"p77_3":"a","p77_7":"b"}}</tool_call>)"));
  EXPECT_FALSE(
      takes(ToolFormat::hermes, many, R"(<tool_call>{"name":"tool_7","arguments":{"p77_3":"a"}}</tool_call>)"));
  EXPECT_TRUE(takes(ToolFormat::qwen_xml, many, "<tool_call>\n<function=tool_5>\n</function>\n</tool_call>"));
}

// What does not fit into one grammar is any object where that is allowed.
TEST(ToolGrammar, SchemasThatAreTooLargeTogether) {
  ToolUse many;
  for (int i = 0; i < 20; ++i) {
    std::string values;
    for (int j = 0; j < 300; ++j) values += std::format(R"({}"v{}_{}")", j == 0 ? "" : ",", i, j);
    many.tools.push_back({.name = std::format("tool_{}", i),
                          .parameters = R"({"type":"object","properties":{"v":{"enum":[)" + values + "]}}}"});
  }
  EXPECT_FALSE(takes(ToolFormat::hermes, many, R"(<tool_call>{"name":"tool_0","arguments":{"v":"x"}}</tool_call>)"));
  EXPECT_TRUE(takes(ToolFormat::hermes, many, R"(<tool_call>{"name":"tool_19","arguments":{"v":"x"}}</tool_call>)"));
  // Those that have to be kept to come first.
  many.tools.back().strict = true;
  EXPECT_FALSE(takes(ToolFormat::hermes, many, R"(<tool_call>{"name":"tool_19","arguments":{"v":"x"}}</tool_call>)"));
  for (Tool& tool : many.tools) tool.strict = true;
  const auto refused = tool_grammar(ToolFormat::hermes, many, {});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.contains("the tool 'tool_1")) << refused.error().message;
  EXPECT_TRUE(refused.error().message.contains("4000")) << refused.error().message;
}

}  // namespace
}  // namespace fovea::llama
