#include "serve/wire/json_reader.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::body_of;
using test::outcome;

std::string nested(int depth) { return R"({"a":)" + std::string(depth, '[') + std::string(depth, ']') + "}"; }

TEST(ParseJson, RefusesWhatIsNoObject) {
  for (const char* body : {"", " ", "{", "}", "nothing", "{\"a\":1}x", "{\"a\":}", "{\"a\":\"\x01\"}", "{a:1}",
                           "{\"a\":\"\xff\"}", "{\"\xc3\":1}", "{\"a\":\"\\ud800\"}", "{\"a\":1e400}"}) {
    EXPECT_EQ(outcome(parse_json(body)), "invalid_json ") << body;
  }
  for (const char* body : {"[]", "1", "\"a\"", "null", "true"})
    EXPECT_EQ(outcome(parse_json(body)), "invalid_type ") << body;
}

TEST(ParseJson, NamesTheRequestItselfWhereAllOfItIsWrong) {
  EXPECT_EQ(parse_json("[]").error().message, "the request must be an object, not a list");
  EXPECT_EQ(parse_json("").error().message, "the request has no body: send a JSON object");
}

TEST(ParseJson, SaysInWordsWhatIsWrong) {
  const std::pair<std::string, const char*> cases[] = {
      {"{\"a\":1,}", "comma"},
      {"{\"a\" 1}", "colon"},
      {"{\"a\":\"b}", "closing quote"},
      {"{\"a\":tru}", "true, false"},
      {"{\"a\":\"\x01\"}", "escaped"},
      {"{\"a\":\"\\x\"}", "escape"},
      {"{\"a\":.5}", ""},
      {"{\"a\":01}", "number"},
      {"{\"a\":\"\xff\"}", "UTF-8"},
      {nested(65), "64 levels"},
  };
  for (const auto& [body, words] : cases) {
    const auto refused = parse_json(body);
    ASSERT_FALSE(refused) << body;
    EXPECT_TRUE(refused.error().message.contains(words)) << body << ": " << refused.error().message;
    EXPECT_FALSE(refused.error().message.contains("ERROR")) << refused.error().message;
  }
}

TEST(ParseJson, HasAnEndToDepth) {
  EXPECT_TRUE(parse_json(nested(30)));
  EXPECT_EQ(outcome(parse_json(nested(65))), "invalid_json ");
  EXPECT_EQ(outcome(parse_json(nested(1'000'000))), "invalid_json ");
  EXPECT_TRUE(parse_json(nested(30))) << "the next request has nothing to do with it";
}

// The parser is used again, and gives up its room after a large request.
TEST(ParseJson, ReadsSmallRequestsAfterLargeOnes) {
  const std::string large = R"({"a":")" + std::string(3 << 20, 'x') + R"("})";
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ((**body_of(large).text("a")).size(), std::size_t{3} << 20);
    EXPECT_EQ(**body_of(R"({"a":"small"})").text("a"), "small");
    EXPECT_EQ(outcome(parse_json(nested(65))), "invalid_json ") << "the limit stays";
  }
}

TEST(JsonObject, TakesNullForAbsent) {
  const JsonObject body = body_of(R"({"a":null})");
  for (const char* name : {"a", "b"}) {
    EXPECT_FALSE(body.find(name));
    EXPECT_EQ(body.text(name), std::nullopt);
    EXPECT_EQ(body.truth(name), std::nullopt);
    EXPECT_EQ(body.number(name, 1, 2), std::nullopt);
    EXPECT_EQ(body.integer(name, 1, 2), std::nullopt);
  }
}

TEST(JsonObject, ReadsEachTypeAndRefusesTheOthers) {
  const JsonObject body = body_of(R"({"text":"é","truth":true,"whole":3,"half":0.5,"list":[],"object":{}})");
  EXPECT_EQ(**body.text("text"), "é");
  EXPECT_EQ(**body.truth("truth"), true);
  EXPECT_EQ(**body.integer("whole", 0, 9), 3);
  EXPECT_EQ(**body.number("half", 0, 1), 0.5);
  EXPECT_EQ(**body.number("whole", 0, 9), 3);
  for (const char* name : {"truth", "whole", "half", "list", "object"})
    EXPECT_EQ(outcome(body.text(name)), std::string("invalid_type ") + name);
  for (const char* name : {"text", "whole", "list", "object"})
    EXPECT_EQ(outcome(body.truth(name)), std::string("invalid_type ") + name);
  for (const char* name : {"text", "truth", "list", "object"})
    EXPECT_EQ(outcome(body.number(name, 0, 9)), std::string("invalid_type ") + name);
  for (const char* name : {"text", "truth", "half", "list", "object"})
    EXPECT_EQ(outcome(body.integer(name, 0, 9)), std::string("invalid_type ") + name);
}

TEST(JsonObject, SaysWhatStandsInAFieldsPlace) {
  const JsonObject body = body_of(R"({"a":[1],"b":0.5})");
  EXPECT_EQ(body.text("a").error().message, "a must be a text, not a list");
  EXPECT_EQ(body.integer("b", 0, 1).error().message, "b must be a whole number, without a fraction");
}

TEST(JsonObject, TakesAWholeNumberHoweverItIsWritten) {
  const JsonObject body = body_of(R"({"a":1.0,"b":-2e3,"c":1e300,"d":-1e300})");
  EXPECT_EQ(body.integer("a", 0, 9), 1);
  EXPECT_EQ(body.integer("b", -9999, 0), -2000);
  EXPECT_EQ(outcome(body.integer("b", 0, 9)), "invalid_value b");
  EXPECT_EQ(outcome(body.integer("c", 0, 9)), "invalid_value c");
  EXPECT_EQ(outcome(body.integer("d", 0, 9)), "invalid_value d");
}

TEST(JsonObject, KeepsNumbersInTheirRange) {
  const JsonObject body = body_of(R"({"a":5,"b":-0.1})");
  EXPECT_TRUE(body.integer("a", 5, 5));
  EXPECT_EQ(outcome(body.integer("a", 0, 4)), "invalid_value a");
  EXPECT_EQ(outcome(body.integer("a", 6, 9)), "invalid_value a");
  EXPECT_EQ(outcome(body.number("b", 0, 1)), "invalid_value b");
  EXPECT_EQ(body.integer("a", 0, 4).error().message, "a must be between 0 and 4, not 5");
}

TEST(JsonObject, KnowsThatAHugeWholeNumberIsOne) {
  constexpr std::int64_t low = std::numeric_limits<std::int64_t>::min(),
                         high = std::numeric_limits<std::int64_t>::max();
  const JsonObject body =
      body_of(R"({"low":-9223372036854775808,"high":9223372036854775807,"over":18446744073709551615})");
  EXPECT_EQ(**body.integer("low", low, high), low);
  EXPECT_EQ(**body.integer("high", low, high), high);
  EXPECT_EQ(body.integer("over", 0, 9).error().message, "over must be between 0 and 9");
}

// Ids of other programs may have any length; only who reads such a field minds.
TEST(JsonObject, TakesNumbersOver64BitsInFieldsThatNobodyReads) {
  const std::string json = R"({"id":123456789012345678901234567890,"list":[-99999999999999999999],"n":1})";
  const JsonObject object = test::body_of(json);
  EXPECT_EQ(object.integer("n", 0, 9).value(), 1);
  EXPECT_EQ(simdjson::minify(*object.find("id")), "123456789012345678901234567890");
  EXPECT_EQ(outcome(object.integer("id", 0, 9)), "invalid_value id");
  EXPECT_EQ(outcome(object.number("id", 0, 9)), "invalid_value id");
  EXPECT_EQ(outcome(object.text("id")), "invalid_type id");
}

TEST(JsonObject, NamesFieldsByTheirPath) {
  const JsonObject body = body_of(R"({"outer":{"inner":1}})");
  const auto outer = JsonObject::of(*body.find("outer"), "messages[2].outer");
  ASSERT_TRUE(outer);
  EXPECT_EQ(outer->path("inner"), "messages[2].outer.inner");
  EXPECT_EQ(outcome(outer->text("inner")), "invalid_type messages[2].outer.inner");
  EXPECT_EQ(body.path("outer"), "outer");
}

TEST(JsonReader, AFieldThatIsThereTwiceIsRefused) {
  const auto twice = parse_json(R"({"temperature": 0, "temperature": 1})");
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().param, "temperature");
}

}  // namespace
}  // namespace fovea::serve
