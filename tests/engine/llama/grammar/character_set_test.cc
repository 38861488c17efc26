#include "engine/llama/grammar/character_set.h"

#include <gtest/gtest.h>

namespace fovea::llama {
namespace {

TEST(CharacterSet, OthersAreAllButThese) {
  const CharacterSet set = {{'b', 'd'}, {'c', 'f'}, {'x', 'x'}};
  const CharacterSet others = set.others();
  for (const char c : std::string("bcdefx")) {
    EXPECT_TRUE(set.has(static_cast<char32_t>(c)));
    EXPECT_FALSE(others.has(static_cast<char32_t>(c)));
  }
  for (const char32_t c : {U'a', U'g', U'w', U'y', char32_t{0}, char32_t{0x10FFFF}}) {
    EXPECT_FALSE(set.has(c));
    EXPECT_TRUE(others.has(c));
  }
  EXPECT_FALSE(others.has(0xD800)) << "a surrogate is no character";
}

TEST(CharacterSet, CommonCharactersAreInBoth) {
  EXPECT_EQ(CharacterSet({{'a', 'f'}}).common_with({{'d', 'z'}}).gbnf(), R"([\U00000064-\U00000066])");
  EXPECT_EQ(CharacterSet({{'a', 'b'}}).common_with({{'c', 'z'}}).gbnf(), "");
  EXPECT_EQ(CharacterSet({{'a', 'a'}}).gbnf(), R"([\U00000061])");
}

}  // namespace
}  // namespace fovea::llama
