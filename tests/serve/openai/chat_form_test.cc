#include "serve/openai/chat_form.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "pipeline/scripted_engine.h"
#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::value_at;

// The engine's tokens are characters: token 'a' has the byte "a".
class ChatFormTest : public testing::Test {
 protected:
  ChatForm form(ChatForm::Options options) { return {ChatReply("model", "print"), engine_, options}; }

  // A token that was chosen with the odds of `logits`.
  static void choose(ChatForm& form, char token, const std::vector<float>& logits) {
    form.token({static_cast<std::int32_t>(token), logits});
  }
  // Logits of all characters up to 'z', where 'a' is likelier than 'b' and all others are unlikely.
  static std::vector<float> logits() {
    std::vector<float> all('z' + 1, -50);
    all['a'] = 2;
    all['b'] = 1;
    return all;
  }
  static FinishedAnswer finished(const Answer& answer) { return {answer, {.content = answer.text, .calls = {}}}; }
  static std::string whole(ChatForm& form, const Answer& answer) { return form.whole(std::array{finished(answer)}); }
  static std::string last_events(ChatForm form, const Answer& answer) {
    return form.last_events(std::array{finished(answer)});
  }
  static std::string data_of(const std::string& event) { return event.substr(std::string_view("data: ").size()); }

  fovea::test::ScriptedEngine engine_;
};

TEST_F(ChatFormTest, WatchesTokensForLogProbabilitiesOnly) {
  EXPECT_FALSE(form({}).watches_tokens());
  EXPECT_TRUE(form({.top_logprobs = 0}).watches_tokens());
}

TEST_F(ChatFormTest, AWholeAnswerHasTheLogProbabilitiesOfItsTokens) {
  ChatForm chat = form({.top_logprobs = 2});
  choose(chat, 'b', logits());
  const std::string json = whole(chat, {.text = "b"});
  EXPECT_EQ(value_at(json, "/choices/0/logprobs/content/0/token"), R"("b")");
  EXPECT_EQ(value_at(json, "/choices/0/logprobs/content/0/bytes"), "[98]");
  EXPECT_NEAR(std::stod(value_at(json, "/choices/0/logprobs/content/0/logprob")), -1.3133, 1e-3);
  EXPECT_EQ(value_at(json, "/choices/0/logprobs/content/0/top_logprobs/0/token"), R"("a")");
  EXPECT_EQ(value_at(json, "/choices/0/logprobs/content/0/top_logprobs/1/token"), R"("b")");
  EXPECT_EQ(value_at(json, "/choices/0/logprobs/content/0/top_logprobs/2"), "absent");
}

TEST_F(ChatFormTest, AnEventHasTheTokensSinceTheLastOne) {
  ChatForm chat = form({.top_logprobs = 0});
  choose(chat, 'a', logits());
  choose(chat, 'b', logits());
  const std::string first = data_of(chat.piece_event(ContentPiece{"ab"}));
  EXPECT_EQ(value_at(first, "/choices/0/logprobs/content/1/token"), R"("b")");
  choose(chat, 'a', logits());
  const std::string second = data_of(chat.piece_event(ContentPiece{"a"}));
  EXPECT_EQ(value_at(second, "/choices/0/logprobs/content/0/token"), R"("a")");
  EXPECT_EQ(value_at(second, "/choices/0/logprobs/content/1"), "absent");
}

TEST_F(ChatFormTest, TheEndOfTheTextIsNoToken) {
  ChatForm chat = form({.top_logprobs = 0});
  choose(chat, '\0', {});
  EXPECT_EQ(value_at(whole(chat, {.text = ""}), "/choices/0/logprobs/content"), "[]");
}

TEST_F(ChatFormTest, WithoutThemLogProbabilitiesAreNull) {
  ChatForm chat = form({});
  EXPECT_EQ(value_at(whole(chat, {.text = "a"}), "/choices/0/logprobs"), "null");
  EXPECT_EQ(value_at(data_of(chat.piece_event(ContentPiece{"a"})), "/choices/0/logprobs"), "null");
}

TEST_F(ChatFormTest, TheLastEventsHaveTheUsageIfAskedFor) {
  const Answer answer{.text = "a", .prompt_tokens = 30, .answer_tokens = 1};
  EXPECT_FALSE(last_events(form({}), answer).contains(R"("usage")"));
  EXPECT_TRUE(last_events(form({.include_usage = true}), answer).contains(R"("prompt_tokens":30)"));
  EXPECT_TRUE(form({.include_usage = true}).first_events({}).contains(R"("usage":null)"));
}

}  // namespace
}  // namespace fovea::serve
