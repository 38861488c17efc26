#include "serve/model/completion_form.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "pipeline/scripted_engine.h"
#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::value_at;

class CompletionFormTest : public testing::Test {
 protected:
  CompletionForm form(CompletionForm::Options options, bool usage = false) {
    return {{.model = "m", .fingerprint = "f", .include_usage = usage}, engine_, std::move(options)};
  }
  static void choose(CompletionForm& form, char token) {
    std::vector<float> logits('z' + 1, -50);
    logits[static_cast<std::size_t>(token)] = 2;
    form.token({static_cast<std::int32_t>(token), logits});
  }
  static FinishedAnswer finished(const std::string& text) {
    return {{.text = text, .prompt_tokens = 5, .answer_tokens = 1}, {.content = text, .calls = {}}};
  }
  static std::string data_of(const std::string& event) { return event.substr(6, event.find("\n\n") - 6); }

  fovea::test::ScriptedEngine engine_;
};

TEST_F(CompletionFormTest, HasOpenAisFields) {
  CompletionForm completion = form({.choices = 2});
  for (const char* text : {"a", "b"}) completion.choice_end(finished(text));
  const std::string json = completion.whole(std::array{finished("a"), finished("b")});
  EXPECT_TRUE(value_at(json, "/id").starts_with("\"cmpl-"));
  EXPECT_EQ(value_at(json, "/object"), R"("text_completion")");
  EXPECT_EQ(value_at(json, "/model"), R"("m")");
  EXPECT_EQ(value_at(json, "/choices"), R"([{"text":"a","index":0,"logprobs":null,"finish_reason":"stop"},)"
                                        R"({"text":"b","index":1,"logprobs":null,"finish_reason":"stop"}])");
  EXPECT_EQ(value_at(json, "/usage/prompt_tokens"), "5");
  EXPECT_EQ(value_at(json, "/usage/completion_tokens"), "2");
}

TEST_F(CompletionFormTest, EchoesEachPrompt) {
  CompletionForm completion = form({.echo = {"one ", "two "}});
  const std::string json = completion.whole(std::array{finished("a"), finished("b")});
  EXPECT_EQ(value_at(json, "/choices/0/text"), R"("one a")");
  EXPECT_EQ(value_at(json, "/choices/1/text"), R"("two b")");
  EXPECT_EQ(value_at(json, "/usage/prompt_tokens"), "10");
  EXPECT_EQ(value_at(data_of(completion.first_events({})), "/choices/0/text"), R"("one ")");
  const std::string end = completion.choice_end(finished("a"));
  EXPECT_EQ(value_at(data_of(end.substr(end.find("\n\n") + 2)), "/choices/0"),
            R"({"text":"two ","index":1,"logprobs":null,"finish_reason":null})");
}

TEST_F(CompletionFormTest, ListsLogProbabilities) {
  CompletionForm completion = form({.top_logprobs = 1});
  choose(completion, 'a');
  choose(completion, 'b');
  completion.choice_end(finished("ab"));
  const std::string json = completion.whole(std::array{finished("ab")});
  EXPECT_EQ(value_at(json, "/choices/0/logprobs/tokens"), R"(["a","b"])");
  EXPECT_EQ(value_at(json, "/choices/0/logprobs/text_offset"), "[0,1]");
  EXPECT_NEAR(std::stod(value_at(json, "/choices/0/logprobs/token_logprobs/0")), 0, 1e-3);
  EXPECT_NE(value_at(json, "/choices/0/logprobs/top_logprobs/0/a"), "absent");
}

TEST_F(CompletionFormTest, StreamsTextThenTheEnd) {
  CompletionForm completion = form({.top_logprobs = 0}, true);
  EXPECT_EQ(completion.first_events({}), "");
  choose(completion, 'a');
  const std::string first = data_of(completion.piece_event(ContentPiece{"a"}));
  EXPECT_EQ(value_at(first, "/choices/0/text"), R"("a")");
  EXPECT_EQ(value_at(first, "/choices/0/finish_reason"), "null");
  EXPECT_EQ(value_at(first, "/usage"), "null");
  choose(completion, 'b');
  EXPECT_EQ(value_at(data_of(completion.piece_event(ContentPiece{"b"})), "/choices/0/logprobs/text_offset"), "[1]");
  EXPECT_EQ(value_at(data_of(completion.choice_end(finished("ab"))), "/choices/0/finish_reason"), R"("stop")");
  const std::string last = completion.last_events(std::array{finished("ab")});
  EXPECT_EQ(value_at(data_of(last), "/usage/total_tokens"), "6");
  EXPECT_TRUE(last.ends_with("data: [DONE]\n\n"));
}

}  // namespace
}  // namespace fovea::serve
