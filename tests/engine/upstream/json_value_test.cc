#include "engine/upstream/json_value.h"

#include <gtest/gtest.h>

#include <string>

namespace fovea {
namespace {

std::string again(std::string_view text) {
  const auto json = parse_json(text);
  return json ? to_text(*json) : "none";
}

TEST(Json, KeepsOrderNumbersAndNothings) {
  for (const char* text : {R"({"z":1,"a":null,"m":[true,false,"\u0000\u001F\n\"é"]})", "18446744073709551615", "-5",
                           "0.1", "[]", "{}", "\"\""})
    EXPECT_EQ(again(text), text);
}

TEST(Json, IsOneValueAndNothingElse) {
  for (const std::string& text : {std::string(), std::string("{"), std::string("[1,]"), std::string("{} {}"),
                                  std::string("nul"), std::string("\"\\x\""), std::string(1'000'000, '[')})
    EXPECT_EQ(again(text), "none") << text.substr(0, 20);
}

TEST(Json, MembersAreThereOrNot) {
  const Json json = parse_json(R"({"text":"a","list":[1],"nothing":null})").value();
  EXPECT_NE(member(json, "text"), nullptr);
  EXPECT_EQ(member(json, "nothing"), nullptr);
  EXPECT_EQ(member(json, "other"), nullptr);
  EXPECT_EQ(member(parse_json("[]").value(), "text"), nullptr);
  EXPECT_EQ(*text_member(json, "text"), "a");
  EXPECT_EQ(text_member(json, "list"), nullptr);
  EXPECT_EQ(list_member(json, "list")->size(), 1);
  EXPECT_EQ(list_member(json, "text"), nullptr);
}

}  // namespace
}  // namespace fovea
