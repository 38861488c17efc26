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

class ChatFormTest : public testing::Test {
 protected:
  ChatForm form(ChatForm::Options options) { return {{"model", "print"}, engine_, options}; }

  // The next token is this character, without any other that is likely.
  static void choose(ChatForm& form, char token) {
    std::vector<float> logits('z' + 1, -50);
    logits[static_cast<std::size_t>(token)] = 2;
    form.token({static_cast<std::int32_t>(token), logits});
  }
  static FinishedAnswer finished(const std::string& text) { return {{.text = text}, {.content = text, .calls = {}}}; }
  static std::string data_of(const std::string& event) {
    return event.substr(std::string_view("data: ").size(), event.find("\n\n") - std::string_view("data: ").size());
  }

  fovea::test::ScriptedEngine engine_;
};

TEST_F(ChatFormTest, WatchesTokensForLogProbabilitiesOnly) {
  EXPECT_FALSE(form({}).watches_tokens());
  EXPECT_TRUE(form({.top_logprobs = 0}).watches_tokens());
}

TEST_F(ChatFormTest, AWholeReplyHasTheTokensOfEachChoice) {
  ChatForm chat = form({.choices = 2, .top_logprobs = 0});
  choose(chat, 'a');
  chat.choice_end(finished("a"));
  choose(chat, 'b');
  choose(chat, 'c');
  chat.choice_end(finished("bc"));
  const std::string json = chat.whole(std::array{finished("a"), finished("bc")});
  EXPECT_EQ(value_at(json, "/choices/0/logprobs/content/0/token"), R"("a")");
  EXPECT_EQ(value_at(json, "/choices/0/logprobs/content/1"), "absent");
  EXPECT_EQ(value_at(json, "/choices/1/logprobs/content/1/token"), R"("c")");
}

TEST_F(ChatFormTest, AnEventHasTheTokensSinceTheLastOne) {
  ChatForm chat = form({.top_logprobs = 0});
  choose(chat, 'a');
  choose(chat, 'b');
  const std::string first = data_of(chat.piece_event(ContentPiece{"ab"}));
  EXPECT_EQ(value_at(first, "/choices/0/logprobs/content/1/token"), R"("b")");
  choose(chat, 'a');
  const std::string second = data_of(chat.piece_event(ContentPiece{"a"}));
  EXPECT_EQ(value_at(second, "/choices/0/logprobs/content/0/token"), R"("a")");
  EXPECT_EQ(value_at(second, "/choices/0/logprobs/content/1"), "absent");
  EXPECT_EQ(value_at(data_of(chat.choice_end(finished("aba"))), "/choices/0/logprobs"), "null");
}

TEST_F(ChatFormTest, WithoutThemLogProbabilitiesAreNull) {
  ChatForm chat = form({});
  EXPECT_EQ(value_at(data_of(chat.piece_event(ContentPiece{"a"})), "/choices/0/logprobs"), "null");
  EXPECT_EQ(value_at(chat.whole(std::array{finished("a")}), "/choices/0/logprobs"), "null");
}

TEST_F(ChatFormTest, ChoicesFollowEachOther) {
  ChatForm chat = form({.choices = 2});
  EXPECT_EQ(value_at(data_of(chat.first_events({})), "/choices/0/index"), "0");
  const std::string between = chat.choice_end(finished("a"));
  EXPECT_EQ(value_at(data_of(between), "/choices/0/finish_reason"), R"("stop")");
  const std::string next = data_of(between.substr(between.find("\n\n") + 2));
  EXPECT_EQ(value_at(next, "/choices/0/index"), "1");
  EXPECT_EQ(value_at(next, "/choices/0/delta/role"), R"("assistant")");
  EXPECT_EQ(value_at(data_of(chat.piece_event(ContentPiece{"b"})), "/choices/0/index"), "1");
  const std::string end = chat.choice_end(finished("b"));
  EXPECT_EQ(end.find("\n\n"), end.size() - 2) << "no choice begins after the last one";
}

TEST_F(ChatFormTest, CallsHaveIdsOfTheirOwn) {
  ChatForm chat = form({});
  const std::string first = data_of(chat.piece_event(CallBegin{0, "zoom"}));
  const std::string second = data_of(chat.piece_event(CallBegin{1, "zoom"}));
  constexpr std::string_view id = "/choices/0/delta/tool_calls/0/id";
  EXPECT_TRUE(value_at(first, id).starts_with("\"call_"));
  EXPECT_NE(value_at(first, id), value_at(second, id));
  EXPECT_EQ(value_at(data_of(chat.piece_event(ArgumentsPiece{1, "{}"})), "/choices/0/delta/tool_calls/0"),
            R"({"index":1,"function":{"arguments":"{}"}})");
}

}  // namespace
}  // namespace fovea::serve
