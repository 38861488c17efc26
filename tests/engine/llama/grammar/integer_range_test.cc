#include "engine/llama/grammar/integer_range.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/llama/grammar/grammar_matcher.h"

namespace fovea::llama {
namespace {

bool takes(std::int64_t least, std::int64_t most, const std::string& text) {
  return test::GrammarMatcher("root ::= " + integer_range(least, most) + "\n").takes(text);
}

TEST(IntegerRange, AsItIsWritten) {
  EXPECT_EQ(integer_range(0, 9), "[0-9]");
  EXPECT_EQ(integer_range(7, 7), R"("7")");
  EXPECT_EQ(integer_range(1, 100), R"([1-9] | [1-9] [0-9]{1} | "1" "0" "0")");
  EXPECT_EQ(integer_range(-5, 3), R"("-" ( [1-5] ) | [0-3])");
}

TEST(IntegerRange, TakesEachNumberOfItAndNoOther) {
  for (const auto& [least, most] : {std::pair(0, 0), std::pair(0, 255), std::pair(-128, 127), std::pair(17, 203),
                                    std::pair(-199, -10), std::pair(99, 101), std::pair(-1, 1), std::pair(-7, -7)}) {
    for (int number = -210; number <= 260; ++number)
      ASSERT_EQ(takes(least, most, std::to_string(number)), least <= number && number <= most)
          << number << " of " << least << " to " << most;
  }
}

TEST(IntegerRange, OneSpellingOfANumber) {
  for (const char* text : {"-0", "00", "01", "+1", "", "-", "1.0", "1e0", " 1"})
    EXPECT_FALSE(takes(-10, 10, text)) << text;
}

RC_GTEST_PROP(IntegerRanges, TheEndsOfAnyRangeAreExact, ()) {
  const auto number =
      rc::gen::suchThat(rc::gen::map(rc::gen::pair(rc::gen::arbitrary<std::int64_t>(), rc::gen::inRange(0, 60)),
                                     [](const auto& drawn) { return drawn.first >> drawn.second; }),
                        [](std::int64_t drawn) { return drawn >= -integer_most + 2 && drawn <= integer_most - 2; });
  const std::int64_t one = *number;
  const std::int64_t other = *number;
  const auto [least, most] = std::minmax(one, other);
  for (const std::int64_t near : {least - 1, least, least + 1, most - 1, most, most + 1, least / 2 + most / 2, -most})
    RC_ASSERT(takes(least, most, std::to_string(near)) == (least <= near && near <= most));
}

}  // namespace
}  // namespace fovea::llama
