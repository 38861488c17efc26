#include "engine/modelled/modelled_answer.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/modelled/modelled_tokens.h"
#include "engine/modelled/some_times.h"

namespace fovea {
namespace {

std::string answer_of(const Key& fed, std::uint32_t tokens) {
  const auto answer = made_answer(test::some_times(), fed, tokens);
  EXPECT_EQ(answer.size(), tokens);
  std::string text;
  for (const std::int32_t token : answer) text += modelled_token_text(token);
  return text;
}

const Key one = KeyBuilder("one").finish(), other = KeyBuilder("other").finish();

TEST(ModelledAnswer, SaysThatItIsMadeUp) {
  EXPECT_EQ(answer_of(one, 2), "made up:");
  const std::string whole = answer_of(one, 100);
  EXPECT_TRUE(whole.starts_with("made up: " + one.hex().substr(0, 16) +
                                " (no model ran; the times are those of "
                                "example in a profile) and so on and so on"))
      << whole;
}

TEST(ModelledAnswer, TellsWhatItFollowsFrom) {
  EXPECT_EQ(answer_of(one, 8), answer_of(one, 8));
  EXPECT_NE(answer_of(one, 4), answer_of(other, 4));
  EXPECT_EQ(answer_of(one, 0), "");
}

}  // namespace
}  // namespace fovea
