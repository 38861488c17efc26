// Requests to a pipeline whose engine answers with its prompt.
#include "serve/asking/answer_sender.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pipeline/scripted_engine.h"
#include "serve/fake_exchange.h"
#include "serve/openai/chat_form.h"
#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::FakeExchange;
using test::value_at;

// What a model of the Hermes format writes to call a tool.
constexpr const char* call = R"(<tool_call>{"name": "zoom", "arguments": {"x": 1}}</tool_call>)";

class AnswerSenderTest : public testing::Test, private Observer {
 protected:
  static Request asking(const std::string& question) {
    return {.messages = {{.role = "user", .parts = {question}}}, .options = {.temperature = 0}};
  }
  static Request with_tool(const std::string& question) {
    Request request = asking(question);
    request.options.tools.tools = {{.name = "zoom"}};
    return request;
  }

  FakeExchange ask(const std::vector<Request>& choices, bool stream) {
    FakeExchange exchange("/v1/chat/completions");
    ChatForm form({"tiny", "print"}, engine_, {.choices = choices.size()});
    sender_.answer(exchange, {.name = "alice"}, {choices, stream, 1}, form);
    return exchange;
  }
  // The deltas of a stream's events, in their order.
  static std::vector<std::string> deltas(std::string_view stream) {
    std::vector<std::string> found;
    for (std::size_t end; (end = stream.find("\n\n")) != std::string_view::npos; stream.remove_prefix(end + 2)) {
      const std::string data(stream.substr(6, end - 6));
      if (data != "[DONE]") found.push_back(value_at(data, "/choices/0/index") + value_at(data, "/choices/0/delta"));
    }
    return found;
  }

  std::vector<int> served_;  // the status of each request, as the observer was told
  fovea::test::ScriptedEngine engine_;
  Pipeline pipeline_{engine_, {}};
  const AnswerSender sender_{pipeline_, engine_, *this};

 private:
  void served(const Served& served) override {
    served_.push_back(served.refusal == nullptr ? 200 : served.refusal->status);
  }
};

TEST_F(AnswerSenderTest, AnswersEachChoice) {
  const FakeExchange exchange = ask({asking("one"), asking("two")}, false);
  EXPECT_EQ(value_at(exchange.replied->body, "/choices/0/message/content"), R"("<user>one")");
  EXPECT_EQ(value_at(exchange.replied->body, "/choices/1/message/content"), R"("<user>two")");
  EXPECT_EQ(served_, (std::vector{200, 200}));
}

TEST_F(AnswerSenderTest, StreamsTheChoicesOneAfterAnother) {
  const FakeExchange exchange = ask({asking("one"), asking("two")}, true);
  const std::vector<std::string> events = deltas(exchange.streamed);
  ASSERT_EQ(events.size(), 6U);
  EXPECT_EQ(events[0], R"(0{"role":"assistant","content":""})");
  EXPECT_EQ(events[1], R"(0{"content":"<user>one"})");
  EXPECT_EQ(events[2], "0{}");
  EXPECT_EQ(events[3], R"(1{"role":"assistant","content":""})");
  EXPECT_EQ(events[4], R"(1{"content":"<user>two"})");
  EXPECT_EQ(events[5], "1{}");
  EXPECT_TRUE(exchange.stream_ended);
}

TEST_F(AnswerSenderTest, AStoredChoiceMayStandBesideAComputedOne) {
  ask({asking("one")}, false);
  const FakeExchange exchange = ask({asking("one"), asking("two")}, true);
  EXPECT_EQ(deltas(exchange.streamed).size(), 6U);
  EXPECT_EQ(engine_.generations, 2);
}

TEST_F(AnswerSenderTest, ReadsCallsOutOfTheText) {
  for (const bool stored : {false, true}) {
    const FakeExchange exchange = ask({with_tool(call)}, false);
    EXPECT_EQ(exchange.reply_header("Cache-Status") == "fovea-response; hit", stored);
    const std::string message = value_at(exchange.replied->body, "/choices/0/message");
    EXPECT_EQ(value_at(message, "/content"), R"("<user>")");
    EXPECT_EQ(value_at(message, "/tool_calls/0/function"), R"({"name":"zoom","arguments":"{\"x\": 1}"})");
    EXPECT_EQ(value_at(exchange.replied->body, "/choices/0/finish_reason"), R"("tool_calls")");
  }
}

TEST_F(AnswerSenderTest, StreamsCallsAlsoOfAStoredAnswer) {
  for (const bool stored : {false, true}) {
    const FakeExchange exchange = ask({with_tool(call)}, true);
    EXPECT_EQ(exchange.streamed.empty(), stored);
    std::string name, arguments;
    for (const std::string& delta : deltas(stored ? exchange.replied->body : exchange.streamed)) {
      const std::string function = value_at(delta.substr(1), "/tool_calls/0/function");
      if (function == "absent") continue;
      if (const std::string found = value_at(function, "/name"); found != "absent") name += found;
      arguments += value_at(function, "/arguments");
    }
    EXPECT_EQ(name, R"("zoom")");
    EXPECT_TRUE(arguments.contains("x")) << arguments;
  }
}

TEST_F(AnswerSenderTest, WithoutToolsTheSameTextIsContent) {
  const FakeExchange exchange = ask({asking(call)}, false);
  EXPECT_EQ(value_at(exchange.replied->body, "/choices/0/message/tool_calls"), "absent");
  EXPECT_TRUE(value_at(exchange.replied->body, "/choices/0/message/content").contains("tool_call"));
}

TEST_F(AnswerSenderTest, AFailureOfALaterChoiceIsTheWholeReply) {
  int answers = 0;
  engine_.before_generate = [&]() -> Result<void> {
    return ++answers == 2 ? fail(Fault::internal, "broken") : Result<void>();
  };
  const FakeExchange exchange = ask({asking("one"), asking("two")}, false);
  EXPECT_EQ(exchange.status(), 500);
  EXPECT_EQ(served_, (std::vector{200, 500}));
}

TEST_F(AnswerSenderTest, AFailureOfALaterChoiceEndsTheStream) {
  int answers = 0;
  engine_.before_generate = [&]() -> Result<void> {
    return ++answers == 2 ? fail(Fault::internal, "broken") : Result<void>();
  };
  const FakeExchange exchange = ask({asking("one"), asking("two")}, true);
  EXPECT_TRUE(exchange.streamed.contains("broken"));
  EXPECT_FALSE(exchange.streamed.contains("[DONE]"));
  EXPECT_TRUE(exchange.stream_ended);
}

TEST_F(AnswerSenderTest, Refuses) {
  FakeExchange exchange("/v1/chat/completions");
  sender_.refuse(exchange, {.name = "alice"}, {}, {.status = 400, .message = "no"});
  EXPECT_EQ(exchange.status(), 400);
  EXPECT_EQ(served_, std::vector{400});
}

}  // namespace
}  // namespace fovea::serve
