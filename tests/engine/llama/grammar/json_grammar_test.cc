#include "engine/llama/grammar/json_grammar.h"

#include <gtest/gtest.h>

#include <format>
#include <nlohmann/json.hpp>
#include <random>
#include <regex>
#include <sstream>

#include "engine/answer_text.h"
#include "engine/llama/grammar/grammar_matcher.h"

namespace fovea::llama {
namespace {

std::string grammar_of(const std::string& schema) {
  const auto grammar = json_grammar(schema);
  EXPECT_TRUE(grammar) << schema << ": " << (grammar ? "" : grammar.error().message);
  return grammar.value_or("");
}

// The rules of this schema alone.
std::string rules_of(const std::string& schema) {
  std::istringstream lines(grammar_of(schema));
  std::string rules;
  for (std::string line; std::getline(lines, line);) {
    if (std::regex_search(line, std::regex("^(root|r[0-9]+) "))) rules += line + "\n";
  }
  return rules;
}

bool fits(const std::string& schema, std::string_view text) {
  return test::GrammarMatcher(grammar_of(schema)).takes(text);
}

void expect(const std::string& schema, std::initializer_list<const char*> fitting,
            std::initializer_list<const char*> others) {
  for (const char* text : fitting) EXPECT_TRUE(fits(schema, text)) << schema << " takes " << text;
  for (const char* text : others) EXPECT_FALSE(fits(schema, text)) << schema << " refuses " << text;
}

void expect_refused(const std::string& schema, Fault fault, const std::string& said) {
  const auto grammar = json_grammar(schema);
  ASSERT_FALSE(grammar) << schema << grammar.value();
  EXPECT_EQ(grammar.error().fault, fault) << grammar.error().message;
  EXPECT_TRUE(grammar.error().message.contains(said)) << grammar.error().message;
}

TEST(JsonGrammar, SmallSchemasAsTheyAreWritten) {
  EXPECT_EQ(rules_of(R"({"type":"object"})"), "root ::= object\n");
  EXPECT_EQ(rules_of("{}"), "root ::= value\n");
  EXPECT_EQ(rules_of(R"({"type":["string","null"]})"), "root ::= r0\nr0 ::= string | null\n");
  EXPECT_EQ(rules_of(R"({"enum":["a\"b",1]})"), "root ::= r0\nr0 ::= \"\\\"a\\\\\\\"b\\\"\" | \"1\"\n");
  EXPECT_EQ(rules_of(R"({"type":"object","properties":{"colour":{"enum":["red","blue"]}},"required":["colour"]})"),
            R"(root ::= r1
r0 ::= "\"red\"" | "\"blue\""
r1 ::= "{" ws "\"colour\"" ":" ws r0 ws "}"
)");
  EXPECT_EQ(rules_of(R"({"properties":{"a":{"type":"integer"},"b":{"$ref":"#"}},"required":["a"]})"),
            R"(root ::= r1
r0 ::= r1
r1 ::= "{" ws "\"a\"" ":" ws integer ws ( "," ws "\"b\"" ":" ws r0 ws )? "}"
)");
  EXPECT_EQ(rules_of(R"({"type":"array","items":{"type":"boolean"},"minItems":1,"maxItems":3})"),
            R"(root ::= r1
r0 ::= "," ws boolean ws
r1 ::= "[" ws boolean ws r0{0,2} "]"
)");
}

TEST(JsonGrammar, AnyJsonObject) {
  expect(R"({"type":"object"})",
         {"{}", "{ }", R"({"a":1})", R"({"a": [1, -2.5e3, true, null, {"b": "c"}]})", "{\n  \"a\": {}\n}",
          "{\"\\u00e9\\n\": \"\xc3\xa9\"}"},
         {"", "[]", "1", "{", R"({"a"})", R"({"a":1,})", R"({a:1})", R"({"a":01})", R"({"a":"\x"})", "{\"a\":\"\n\"}",
          R"({"a":"\ud800"})", "{} ", "{}{}", "{\"a\":\"\xed\xa0\x80\"}", "{\"a\":\"\xff\"}", R"({"a":1.})"});
}

TEST(JsonGrammar, WhiteSpaceAndNumbersEnd) {
  EXPECT_FALSE(fits(R"({"type":"object"})", "{\n\n}"));
  EXPECT_FALSE(fits(R"({"type":"object"})", "{" + std::string(40, ' ') + "}"));
  EXPECT_FALSE(fits(R"({"type":"integer"})", std::string(30, '1')));
}

TEST(JsonGrammar, Types) {
  expect(R"({"type":"integer"})", {"0", "-7", "123"}, {"1.5", "00", "-", "1e3", "\"1\""});
  expect(R"({"type":"number"})", {"0", "-7.25", "1e3", "1.5E-7"}, {"+1", ".5", "1e", "NaN"});
  expect(R"({"type":"boolean"})", {"true", "false"}, {"True", "1", "tru"});
  expect(R"({"type":"null"})", {"null"}, {"", "nul"});
  expect(R"({"type":["string","integer"]})", {"\"a\"", "4"}, {"null", "[]"});
  expect(R"({"enum":["a",2,null,{"b":[1]}],"description":"d"})", {"\"a\"", "2", "null", R"({"b":[1]})"},
         {"\"b\"", "3"});
  expect(R"({"enum":["a",2],"type":"string"})", {"\"a\""}, {"2"});
  expect(R"({"const":"\n\u00e9"})", {"\"\\n\xc3\xa9\""}, {"\"\n\xc3\xa9\"", "\"\""});
}

TEST(JsonGrammar, IntegersInARange) {
  expect(R"({"type":"integer","minimum":-3,"maximum":12})", {"-3", "0", "9", "12"}, {"-4", "13", "-0", "1.0", "012"});
  expect(R"({"type":"integer","exclusiveMinimum":0})", {"1", "999999999999999999"}, {"0", "-1", "01"});
  expect(R"({"type":"integer","exclusiveMaximum":0})", {"-1", "-999999999999999999"}, {"0", "1"});
  expect(R"({"type":"integer","minimum":1.5,"exclusiveMaximum":3.0})", {"2"}, {"1", "3"});
  expect(R"({"type":"integer","minimum":1.5,"exclusiveMinimum":1.5})", {"2"}, {"1"});
  expect(R"({"type":["integer","null"],"minimum":10,"maximum":1e300})", {"null", "10", "7000"}, {"9"});
  expect_refused(R"({"type":"integer","minimum":18446744073709551615})", Fault::unsupported, "a bound beyond");
  expect_refused(R"({"type":"integer","minimum":2,"exclusiveMaximum":2})", Fault::invalid, "no whole number");
  expect_refused(R"({"type":"integer","minimum":"2"})", Fault::invalid, "#/minimum");
}

TEST(JsonGrammar, StringsOfAPattern) {
  expect(R"({"type":"string","pattern":"^[A-Z]{2}-\\d+$"})", {"\"AB-7\"", "\"XY-123\""},
         {"\"AB-\"", "\"ab-7\"", "AB-7"});
  expect(R"({"pattern":"^\"$"})", {R"("\"")"}, {"\"\"", "\"\"\""});
}

TEST(JsonGrammar, Strings) {
  expect(R"({"type":"string","minLength":2,"maxLength":3})", {"\"ab\"", "\"a\\nc\"", "\"\xc3\xa9\xc3\xa9\xc3\xa9\""},
         {"\"a\"", "\"abcd\"", "\"\""});
  expect(R"({"maxLength":0})", {"\"\""}, {"\"a\"", "1"});
  expect(R"({"minLength":1})", {"\"abcdefgh\""}, {"\"\""});
  expect(R"({"minLength":1.0,"maxLength":2.0})", {"\"a\"", "\"ab\""}, {"\"\"", "\"abc\""});
  expect(R"({"format":"date"})", {"\"2024-02-29\"", "\"1999-12-31\"", "\"2001-09-30\""},
         {"\"2024-02-30\"", "\"2024-04-31\"", "\"2024-13-01\"", "\"2024-00-10\"", "\"2024-1-1\"", "\"2024-01-00\""});
  expect(R"({"format":"time"})", {"\"23:59:59Z\"", "\"00:00:00.25+01:30\""}, {"\"24:00:00Z\"", "\"12:00:00\""});
  expect(R"({"format":"date-time"})", {"\"2024-02-29T12:00:00Z\""}, {"\"2024-02-29\""});
  expect(R"({"format":"uuid"})", {"\"123e4567-e89b-12d3-a456-426614174000\""},
         {"\"123e4567e89b12d3a456426614174000\""});
}

TEST(JsonGrammar, Objects) {
  const std::string some = R"({"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"integer"},)"
                           R"("c":{"type":"integer"}},"required":["b"])";
  expect(some + "}", {R"({"b":1})", R"({"a":1,"b":2})", R"({"b":2, "c":3})", R"({"a":1,"b":2,"c":3})"},
         {"{}", R"({"a":1})", R"({"a":1,"c":3})", R"({"b":1,"a":2})", R"({"b":1,"d":2})", R"({"b":1,})", R"({,"b":1})",
          R"({"b":1,"b":1})"});
  expect(some + R"(,"additionalProperties":false})", {R"({"a":1,"b":2})"}, {R"({"b":1,"d":2})"});
  const std::string open = some + R"(,"additionalProperties":{"type":"boolean"}})";
  expect(open, {R"({"b":1,"d":true})", R"({"a":1,"b":2,"bb":true,"":false})", R"({"b":1,"d":true,"e":true})"},
         {R"({"d":true})", R"({"b":1,"d":1})", R"({"b":1,"c":true})", R"({"b":1,"\u0063":true})"});
  expect(R"({"properties":{"a":{},"b":{}}})", {"{}", R"({"a":[]})", R"({"b":{}})", R"({"a":1,"b":2})"},
         {R"({"b":1,"a":2})", R"({"a":1 "b":2})", R"({"c":1})"});
  expect(R"({"properties":{},"additionalProperties":false})", {"{}"}, {R"({"a":1})"});
  expect(R"({"required":["x"]})", {R"({"x":[1]})"}, {"{}", R"({"y":1})"});
  expect(R"({"additionalProperties":{"type":"integer"}})", {"{}", R"({"x":1,"y":2})"}, {R"({"x":"1"})"});
}

TEST(JsonGrammar, OtherKeysAreNeverThoseThatAreNamed) {
  const std::string schema =
      R"({"properties":{"ab":{"type":"integer"},"abc":{"type":"integer"},"\u00e9":{"type":"integer"},)"
      R"("q\"":{"type":"integer"}},"required":["ab","abc","\u00e9","q\""],"additionalProperties":{"type":"null"}})";
  const std::string all = "{\"ab\":1,\"abc\":2,\"\xc3\xa9\":3,\"q\\\"\":4,";
  for (const char* key : {"", "a", "abcd", "b", "ac", "e", "abd", "q"})
    EXPECT_TRUE(fits(schema, all + std::format("\"{}\":null}}", key))) << key;
  for (const char* key : {"ab", "abc", "\xc3\xa9", "q\\\"", "q\""})
    EXPECT_FALSE(fits(schema, all + std::format("\"{}\":null}}", key))) << key;
}

TEST(JsonGrammar, Arrays) {
  expect(R"({"type":"array"})", {"[]", "[1, \"a\"]"}, {"[1,]", "{}"});
  expect(R"({"items":{"type":"integer"},"maxItems":2})", {"[]", "[1]", "[1,2]"}, {"[1,2,3]", "[\"a\"]", "[,1]"});
  expect(R"({"items":{"type":"integer"},"minItems":2})", {"[1,2]", "[1,2,3,4]"}, {"[1]", "[]"});
  expect(R"({"items":{"type":"integer"},"maxItems":0})", {"[]"}, {"[1]"});
  expect(R"({"type":"array","minItems":1})", {"[null]"}, {"[]"});
  expect(R"({"prefixItems":[{"type":"integer"},{"type":"string"}]})", {R"([1,"a"])"}, {"[]", R"([1])", R"([1,"a",2])"});
  expect(R"({"prefixItems":[{"type":"integer"}],"items":{"type":"null"},"maxItems":2})", {"[1]", "[1,null]"},
         {"[1,null,null]", "[1,2]"});
  expect(R"({"prefixItems":[{"type":"integer"}],"items":false})", {"[1]"}, {"[1,2]", "[]"});
  expect(R"({"items":false})", {"[]"}, {"[1]"});
}

TEST(JsonGrammar, ChoicesAndReferences) {
  expect(R"({"anyOf":[{"type":"integer"},{"type":"array","items":{"type":"null"}}],"title":"t"})", {"1", "[null]"},
         {"[1]", "null"});
  expect(R"({"oneOf":[{"const":1},{"const":"a"}]})", {"1", "\"a\""}, {"2"});
  expect(R"({"allOf":[{"$ref":"#/definitions/n"}],"definitions":{"n":{"type":"null"}}})", {"null"}, {"1"});
  const char* tree =
      R"({"$ref":"#/$defs/tree","$defs":{"tree":{"type":"object","properties":{"name":{"type":"string"},)"
      R"("children":{"type":"array","items":{"$ref":"#/$defs/tree"}}},"required":["name"]}}})";
  expect(tree, {R"({"name":"a"})", R"({"name":"a","children":[{"name":"b","children":[]},{"name":"c"}]})"},
         {R"({"name":"a","children":[{}]})", "{}"});
  // As recursive as an interpreter's input, told apart by the first property.
  const char* sum =
      R"({"anyOf":[{"type":"object","properties":{"op":{"const":"add"},"l":{"$ref":"#"},"r":{"$ref":"#"}},)"
      R"("required":["op","l","r"]},{"type":"object","properties":{"op":{"const":"n"},"v":{"type":"integer"}},)"
      R"("required":["op","v"]}]})";
  expect(sum, {R"({"op":"n","v":1})", R"({"op":"add","l":{"op":"n","v":1},"r":{"op":"n","v":2}})"},
         {R"({"op":"add","v":1})", R"({"op":"n"})"});
}

TEST(JsonGrammar, BoundsOfNumbers) {
  expect(R"({"type":"number","minimum":0,"maximum":1})", {"0", "1", "0.5", "1.0", "0.0"},
         {"-0.1", "1.1", "2", "-1", "1.01", "-0"});
  expect(R"({"type":"number","exclusiveMinimum":0,"exclusiveMaximum":2})", {"0.01", "1", "1.99"},
         {"0", "0.0", "2", "2.0", "-1"});
  expect(R"({"type":"number","minimum":-90,"maximum":90})", {"-90", "90", "-89.99", "-0.5", "0", "45.25"},
         {"-90.1", "90.1", "91", "-100"});
  expect(R"({"type":"number","minimum":-3,"exclusiveMaximum":-1})", {"-3", "-2.5", "-1.5"},
         {"-1", "-0.5", "0", "-3.5"});
  expect(R"({"type":"number","minimum":10})", {"10", "10.5", "4000"}, {"9.9", "-10", "0"});
  expect_refused(R"({"type":"number","minimum":2,"maximum":1})", Fault::invalid, "#");
  expect_refused(R"({"type":"number","minimum":2,"exclusiveMaximum":2})", Fault::invalid, "#");
}

TEST(JsonGrammar, KeywordsThatAskForNothingAreTaken) {
  for (const char* keyword : {R"("uniqueItems":false)", R"("minProperties":0)", R"("nullable":true)", R"("example":1)",
                              R"("contentEncoding":"base64")", R"("x-anything":{"a":1})", R"("patternProperties":{})",
                              R"("dependentRequired":{})", R"("$anchor":"a")"}) {
    expect(std::format(R"({{"type":"object","properties":{{"a":{{"type":"integer",{}}}}},"required":["a"]}})", keyword),
           {R"({"a":1})"}, {"{}", R"({"a":"x"})"});
  }
}

TEST(JsonGrammar, WhatItCannotKeepToItNamesWithItsPlace) {
  for (const char* keyword :
       {"multipleOf", "uniqueItems", "contains", "minContains", "minProperties", "maxProperties", "patternProperties",
        "propertyNames", "not", "if", "then", "else", "dependentRequired", "dependentSchemas", "unevaluatedProperties",
        "unevaluatedItems", "additionalItems", "$dynamicRef", "requried"}) {
    expect_refused(std::format(R"({{"type":"object","properties":{{"a":{{"type":"string","{}":1}}}}}})", keyword),
                   Fault::unsupported, std::format("#/properties/a/{}", keyword));
  }
  expect_refused(R"({"format":"email"})", Fault::unsupported, "#/format");
  expect_refused(R"({"type":"number","minimum":0.5})", Fault::unsupported, "#/minimum");
  expect_refused(R"({"exclusiveMaximum":0.5})", Fault::unsupported, "#/exclusiveMaximum");
  expect_refused(R"({"type":["integer","number"],"maximum":0.5})", Fault::unsupported, "#/maximum");
  expect_refused(R"({"type":"string","pattern":"a*"})", Fault::unsupported, "#/pattern");
  expect_refused(R"({"type":"string","pattern":"^a$","maxLength":1})", Fault::unsupported, "#/pattern");
  expect_refused(R"({"format":"date","minLength":1})", Fault::unsupported, "#/format");
  expect_refused(R"({"allOf":[{},{}]})", Fault::unsupported, "#/allOf");
  expect_refused(R"({"anyOf":[{}],"type":"string"})", Fault::unsupported, "#/type");
  expect_refused(R"({"enum":["a"],"minLength":3})", Fault::unsupported, "#/minLength");
  expect_refused(R"({"$ref":"#","type":"object"})", Fault::unsupported, "#/type");
  expect_refused(R"({"properties":{"a":false}})", Fault::unsupported, "#/properties/a");
}

TEST(JsonGrammar, WhatIsNoSchema) {
  for (const char* text : {"", "{", "nonsense", "[]", "1", "\"object\"", "true", "{\"type\":\"\xff\"}", "{} {}"})
    EXPECT_EQ(json_grammar(text).error().fault, Fault::invalid) << text;
  expect_refused(R"({"type":"text"})", Fault::invalid, "#/type");
  expect_refused(R"({"type":1})", Fault::invalid, "#/type");
  expect_refused(R"({"type":[]})", Fault::invalid, "#/type");
  expect_refused(R"({"type":["array","array"]})", Fault::invalid, "#/type");
  expect_refused(R"({"enum":[]})", Fault::invalid, "#/enum");
  expect_refused(R"({"enum":"a"})", Fault::invalid, "#/enum");
  expect_refused(R"({"enum":[1],"type":"string"})", Fault::invalid, "#/enum");
  expect_refused(R"({"anyOf":[]})", Fault::invalid, "#/anyOf");
  expect_refused(R"({"anyOf":[3]})", Fault::invalid, "#/anyOf/0");
  expect_refused(R"({"properties":[]})", Fault::invalid, "#/properties");
  expect_refused(R"({"properties":{"a":1}})", Fault::invalid, "#/properties/a");
  expect_refused(R"({"required":[1]})", Fault::invalid, "#/required");
  expect_refused(R"({"required":["a"],"additionalProperties":false})", Fault::invalid, "'a'");
  expect_refused(R"({"items":{},"minItems":3,"maxItems":2})", Fault::invalid, "minItems above maxItems");
  expect_refused(R"({"minItems":-1})", Fault::invalid, "#/minItems");
  expect_refused(R"({"minItems":1.5})", Fault::invalid, "#/minItems");
  expect_refused(R"({"prefixItems":[{},{}],"maxItems":1})", Fault::invalid, "#/maxItems");
  expect_refused(R"({"$ref":"#/$defs/none"})", Fault::invalid, "#/$ref");
  expect_refused(R"({"$ref":"https://example.org/schema"})", Fault::invalid, "#/$ref");
  expect_refused(R"({"$ref":"#/a~2b"})", Fault::invalid, "#/$ref");
  expect_refused(R"({"$ref":7})", Fault::invalid, "#/$ref");
}

std::string nested(int times, const std::string& before, const std::string& inside, const std::string& after) {
  std::string text;
  for (int i = 0; i < times; ++i) text += before;
  text += inside;
  for (int i = 0; i < times; ++i) text += after;
  return text;
}

TEST(JsonGrammar, HostileSchemasAreRefused) {
  expect_refused(std::string(70000, ' ') + "{}", Fault::too_large, "bytes");
  expect_refused(nested(30000, "[", "", "]"), Fault::unsupported, "brackets");
  expect_refused(R"({"const":)" + nested(30000, "[", "", "]") + "}", Fault::unsupported, "brackets");
  expect_refused(nested(40, R"({"items":)", "{}", "}"), Fault::unsupported, "deep");
  expect_refused(R"({"type":"string","maxLength":1000000000})", Fault::unsupported, "#/maxLength");
  expect_refused(R"({"type":"string","maxLength":18446744073709551616})", Fault::unsupported, "#/maxLength");
  // Each of them small, but many.
  std::string many = R"({"anyOf":[)";
  for (int i = 0; i < 20; ++i) many += std::format(R"({{"type":"string","maxLength":{}}},)", 500 + i);
  expect_refused(many + "{}]}", Fault::unsupported, "simplify");
  std::string values;
  for (int i = 0; i < 5000; ++i) values += std::format("{}{}", i == 0 ? "" : ",", i);
  expect_refused(R"({"enum":[)" + values + "]}", Fault::unsupported, "simplify");
  expect_refused(R"({"additionalProperties":true,"properties":{")" + std::string(60000, 'a') + R"(":{}}})",
                 Fault::unsupported, "simplify");
}

TEST(JsonGrammar, SchemasThatLeadToThemselvesAreRefused) {
  for (const char* schema : {R"({"$ref":"#"})", R"({"anyOf":[{"type":"null"},{"$ref":"#"}]})",
                             R"({"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}})"})
    expect_refused(schema, Fault::unsupported, "itself");
}

// A row of schemas, each of which refers to two that refer to the next.
std::string doubling(int count, const char* first, const char* second) {
  std::string schema = R"({"$ref":"#/$defs/d0","$defs":{)";
  for (int i = 0; i < count; ++i) {
    const std::string next = std::format(R"({{"$ref":"#/$defs/d{}"}})", i + 1);
    schema += std::format(R"("d{}":{{"anyOf":[{},{}]}},)", i, std::vformat(first, std::make_format_args(next)),
                          std::vformat(second, std::make_format_args(next)));
  }
  return schema + std::format(R"("d{}":{{"type":"string"}}}}}})", count);
}

TEST(JsonGrammar, WhatWouldDoubleAndDoubleIsRefused) {
  const char* one = R"({{"type":"array","items":{}}})";
  const char* other = R"({{"type":"array","items":{},"minItems":1}})";
  EXPECT_TRUE(json_grammar(doubling(4, one, other)));
  expect_refused(doubling(40, one, other), Fault::unsupported, "alike");
  expect_refused(
      R"({"anyOf":[{"type":"array","items":{"$ref":"#"}},{"type":"array","items":{"$ref":"#"},"minItems":2}]})",
      Fault::unsupported, "alike");
  // The same without arrays between, which costs the library as long a search.
  expect_refused(doubling(40, R"({{"anyOf":[{},{{"type":"null"}}]}})", R"({{"anyOf":[{},{{"const":1}}]}})"),
                 Fault::unsupported, "alternatives");
}

TEST(JsonGrammar, TheLibraryTakesLargeGrammars) {
  std::string properties;
  std::string values;
  for (int i = 0; i < 300; ++i) {
    properties += std::format(R"({}"property{}":{{"type":"string"}})", i == 0 ? "" : ",", i);
    values += std::format(R"({}"value{}")", i == 0 ? "" : ",", i);
  }
  expect(R"({"properties":{)" + properties + "}}", {"{}", R"({"property3":"a","property299":"b"})"},
         {R"({"property4":"a","property3":"b"})"});
  expect(R"({"enum":[)" + values + "]}", {"\"value299\""}, {"\"value300\""});
  expect(R"({"type":"string","maxLength":1000})", {"\"a\""}, {"1"});
  expect(R"({"type":"array","items":{},"minItems":1000,"maxItems":1000})", {}, {"[1]"});
}

// A text of random bytes, of which each may follow, is JSON.
TEST(JsonGrammar, AnythingThatIsWrittenIsJson) {
  const char* schemas[] = {R"({"type":"object"})", R"({"items":{"type":"number"},"maxItems":5})",
                           R"({"type":"string","maxLength":8})",
                           (R"({"properties":{"a":{"format":"date-time"},"b":{"type":["integer","null"]}},)"
                            R"("additionalProperties":{"maxLength":4}})"),
                           R"({"prefixItems":[{"enum":["\u00e9\"\\",2]}],"items":{"type":"boolean"}})"};
  for (const char* schema : schemas) {
    int completed = 0;
    for (unsigned seed = 0; seed < 40; ++seed) {
      std::mt19937 chance(seed);
      test::GrammarMatcher matcher(grammar_of(schema));
      std::string text;
      // Two bytes in three close something, so that most texts come to an end.
      while (text.size() < 2000 && !matcher.complete()) {
        const char byte = chance() % 3 == 0 ? static_cast<char>(chance()) : "\"}],:0at{"[chance() % 9];
        if (matcher.push(byte)) text += byte;
      }
      if (!matcher.complete()) continue;
      ++completed;
      // Through AnswerText, like an answer: the library accepts some bytes that are not valid characters.
      AnswerText answer({});
      answer.push(text);
      answer.finish();
      EXPECT_TRUE(nlohmann::json::accept(answer.text())) << schema << " seed " << seed << ": " << text;
    }
    EXPECT_GT(completed, 20) << schema;
  }
}

}  // namespace
}  // namespace fovea::llama
