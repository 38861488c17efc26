#include "engine/tools/pattern_match.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

using State = PatternMatch::State;

// How a text ends, and behind how many characters.
std::pair<State, std::size_t> match(CallPattern pattern, std::string_view text) {
  const std::vector<Tool> tools = {{.name = "a"}, {.name = "a_b-1"}};
  PatternMatch match(pattern);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (const State state = match.take(text[i], tools); state != State::open) return {state, i + 1};
  }
  return {State::open, text.size()};
}

TEST(PatternMatch, ABlankIsAnyWhiteSpaceOrNone) {
  EXPECT_EQ(match("<x> {", "<x>{"), std::pair(State::whole, std::size_t{4}));
  EXPECT_EQ(match("<x> {", "<x> \t\r\n{"), std::pair(State::whole, std::size_t{8}));
  EXPECT_EQ(match("<x> {", "<x >"), std::pair(State::broken, std::size_t{3}));
  EXPECT_EQ(match("<x> {", "<x> "), std::pair(State::open, std::size_t{4}));
}

TEST(PatternMatch, ANameIsAKnownTool) {
  EXPECT_EQ(match("<@>", "<a>").first, State::whole);
  EXPECT_EQ(match("<@>", "<a_b-1>").first, State::whole);
  EXPECT_EQ(match("<@>", "<a_b>"), std::pair(State::broken, std::size_t{5}));
  EXPECT_EQ(match("<@>", "<>").first, State::broken);
  PatternMatch named("@ <");
  for (const char c : std::string_view("a <")) named.take(c, {{.name = "a"}});
  EXPECT_TRUE(named.whole());
  EXPECT_EQ(named.name(), "a");
}

TEST(PatternMatch, AnIdIsAnyName) { EXPECT_EQ(match("[#]", "[x9-]").first, State::whole); }

}  // namespace
}  // namespace fovea
