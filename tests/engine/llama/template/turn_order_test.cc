#include "engine/llama/template/turn_order.h"

#include <gtest/gtest.h>

namespace fovea::llama {
namespace {

Turn said(std::string role, std::string text) { return {.role = std::move(role), .text = std::move(text)}; }

Turn calling(std::string text, const std::vector<std::string>& ids) {
  Turn turn{.role = "assistant", .text = std::move(text)};
  for (const std::string& id : ids) turn.calls.push_back({.id = id, .name = "look", .text = "{}"});
  return turn;
}

Turn result(std::string id, std::string text) {
  return {.role = "tool", .text = std::move(text), .call_id = std::move(id)};
}

// Each turn as its role's first letter, its text, and the ids of its calls or of its result.
std::string in_short(const std::vector<Turn>& turns) {
  std::string line;
  for (const Turn& turn : turns) {
    line += (line.empty() ? "" : " | ") + turn.role.substr(0, 1) + ":" + turn.text;
    for (const TurnCall& call : turn.calls) line += "+" + call.id;
    if (!turn.call_id.empty()) line += "=" + turn.call_id;
  }
  return line;
}

TEST(TurnOrder, ASystemTurnIsTheBeginningOfTheUsers) {
  EXPECT_EQ(in_short(with_system_in_user({said("system", "be"), said("user", "hi")})), "u:be\n\nhi");
  EXPECT_EQ(in_short(with_system_in_user({said("system", "be"), said("assistant", "hi")})), "u:be | a:hi");
  EXPECT_EQ(in_short(with_system_in_user({said("user", "hi"), said("system", "be")})), "u:hi | s:be");
  EXPECT_EQ(in_short(with_system_in_user({})), "");
}

TEST(TurnOrder, TurnsOfTheSameWriterAreOne) {
  EXPECT_EQ(in_short(merged({said("user", "a"), said("user", "b"), said("assistant", "c"), said("user", "d")})),
            "u:a\n\nb | a:c | u:d");
  EXPECT_EQ(in_short(merged({said("user", ""), said("user", "b")})), "u:b");
  const std::vector<Turn> results{calling("", {"1", "2"}), result("1", "x"), result("2", "y")};
  EXPECT_EQ(in_short(merged(results)), in_short(results)) << "calls and results are not merged";
}

TEST(TurnOrder, CallsComeOneByOneEachWithItsResult) {
  EXPECT_EQ(in_short(with_single_calls({said("user", "q"), calling("t", {"1", "2", "3"}), result("2", "b"),
                                        result("1", "a"), result("9", "z"), said("user", "r")})),
            "u:q | a:t+1 | t:a=1 | a:+2 | t:b=2 | a:+3 | t:z=9 | u:r");
  EXPECT_EQ(in_short(with_single_calls({calling("t", {"1"}), result("1", "a")})), "a:t+1 | t:a=1");
}

TEST(TurnOrder, CallsAreAlone) {
  EXPECT_EQ(in_short(with_calls_alone({calling("t", {"1", "2"}), calling("", {"3"}), said("assistant", "u")})),
            "a:t | a:+1+2 | a:+3 | a:u");
}

TEST(TurnOrder, PicturesOfResultsComeBehindAllOfThem) {
  const std::vector<Message> moved = with_pictures_behind_results(
      std::vector<Message>{{.role = "tool", .parts = {"a", ImageSlot{0}}, .tool_call_id = "1"},
                           {.role = "tool", .parts = {ImageSlot{1}, "b"}, .tool_call_id = "2"},
                           {"user", {ImageSlot{2}}},
                           {.role = "tool", .parts = {ImageSlot{3}}, .tool_call_id = "3"}});
  ASSERT_EQ(moved.size(), 6U);
  EXPECT_EQ(moved[0].parts, (std::vector<PromptPart>{"a"}));
  EXPECT_EQ(moved[0].tool_call_id, "1");
  EXPECT_EQ(moved[2].role, "user");
  EXPECT_EQ(moved[2].parts, (std::vector<PromptPart>{ImageSlot{0}, ImageSlot{1}}));
  EXPECT_EQ(moved[3].parts, (std::vector<PromptPart>{ImageSlot{2}}));
  EXPECT_TRUE(moved[4].parts.empty());
  EXPECT_EQ(moved[5].parts, (std::vector<PromptPart>{ImageSlot{3}}));
}

}  // namespace
}  // namespace fovea::llama
