#include "engine/answer_text.h"

#include <gtest/gtest.h>

#include <random>

namespace fovea {
namespace {

TEST(AnswerText, PassesTextThrough) {
  AnswerText answer({});
  EXPECT_EQ(answer.push("a red"), "a red");
  EXPECT_EQ(answer.push(" circle"), " circle");
  EXPECT_EQ(answer.finish(), "");
  EXPECT_EQ(answer.text(), "a red circle");
}

TEST(AnswerText, HoldsBackHalfACharacter) {
  AnswerText answer({});
  EXPECT_EQ(answer.push("caf\xC3"), "caf");
  EXPECT_EQ(answer.push("\xA9!"), "\xC3\xA9!");
  EXPECT_EQ(answer.text(), "caf\xC3\xA9!");
}

TEST(AnswerText, ReplacesInvalidUtf8) {
  AnswerText answer({});
  answer.push(
      "a\xFF"
      "b\xC0\x80"
      "c\xED\xA0\x80"
      "d\xF5");
  EXPECT_EQ(answer.push("\xE2\x82"), "");
  answer.finish();
  const std::string r = "\xEF\xBF\xBD";
  EXPECT_EQ(answer.text(), "a" + r + "b" + r + r + "c" + r + r + r + "d" + r + r);
}

TEST(AnswerText, EndsBeforeAStopString) {
  AnswerText answer({"\n\n", "END"});
  EXPECT_EQ(answer.push("one\n"), "one");
  EXPECT_EQ(answer.push("two EN"), "\ntwo ");
  EXPECT_FALSE(answer.stopped());
  EXPECT_EQ(answer.stopped_by(), "");
  EXPECT_EQ(answer.push("D three"), "");
  EXPECT_TRUE(answer.stopped());
  EXPECT_EQ(answer.stopped_by(), "END");
  EXPECT_EQ(answer.push("four"), "");
  EXPECT_EQ(answer.text(), "one\ntwo ");
}

TEST(AnswerText, TheEarliestStopStringWins) {
  AnswerText answer({"world", "lo w"});
  answer.push("hello world");
  EXPECT_EQ(answer.text(), "hel");
  EXPECT_EQ(answer.stopped_by(), "lo w");
}

TEST(AnswerText, ReleasesAFalseStartOfAStopString) {
  AnswerText answer({"STOP"});
  EXPECT_EQ(answer.push("ST"), "");
  EXPECT_EQ(answer.push("AR"), "STAR");
  EXPECT_EQ(answer.push("ST"), "");
  EXPECT_EQ(answer.finish(), "ST");
}

TEST(AnswerText, HoweverItIsCutTheTextIsTheSame) {
  const std::string text = "na\xC3\xAFve \xF0\x9F\x99\x82 STO-STOP after";
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    AnswerText answer({"STOP"});
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t length = std::min<std::size_t>(1 + random() % 4, text.size() - at);
      answer.push(std::string_view(text).substr(at, length));
      at += length;
    }
    answer.finish();
    EXPECT_EQ(answer.text(), "na\xC3\xAFve \xF0\x9F\x99\x82 STO-") << "seed " << seed;
  }
}

}  // namespace
}  // namespace fovea
