// Every route of ModelRoutes, asked as the server asks them, over a pipeline whose engine answers with its
// prompt.
#include "serve/model/model_routes.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "pipeline/scripted_engine.h"
#include "serve/fake_exchange.h"
#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::FakeExchange;
using test::value_at;

class ModelRoutesTest : public testing::Test, private Observer {
 protected:
  ModelRoutesTest() { engine_.model_facts.vocabulary = 256; }

  // The reply's body; for a stream, all that was sent.
  std::string ask(const std::string& path, const std::string& body) {
    FakeExchange exchange(path, body);
    for (const BackendRoute& route : routes_.routes()) {
      if (route.path == path) route.handle(exchange, {.name = "alice"});
    }
    status_ = exchange.status();
    return exchange.streamed.empty() ? exchange.replied.value().body : exchange.streamed;
  }

  int status_ = 0;  // of the last reply
  fovea::test::ScriptedEngine engine_;
  Pipeline pipeline_{engine_, {}};
  FileStore files_{{}};
  const ImageResolver images_{files_, nullptr};
  const Intake intake_{{.images = images_, .rules = {.defaults = {.max_tokens = 33}}, .timeout_ms = {}}};
  const AnswerSender sender_{pipeline_, engine_, *this};
  const ModelRoutes routes_{{pipeline_, engine_, intake_, sender_, "tiny", "print"}};

 private:
  void served(const Served&) override {}
};

TEST_F(ModelRoutesTest, CompletesTextAndTokens) {
  EXPECT_EQ(value_at(ask("/v1/completions", R"({"prompt":"Once"})"), "/choices/0/text"), R"("Once")");
  EXPECT_EQ(value_at(ask("/v1/completions", R"({"prompt":[79,107]})"), "/choices/0/text"), R"("Ok")");
  EXPECT_EQ(value_at(ask("/v1/completions", R"({"prompt":["a","b"],"echo":true})"), "/choices/1/text"), R"("bb")");
  EXPECT_EQ(value_at(ask("/v1/completions", R"({"prompt":[999]})"), "/error/param"), R"("prompt")");
  EXPECT_EQ(status_, 400);
  EXPECT_EQ(value_at(ask("/v1/completions", R"({"prompt":7})"), "/error/code"), R"("invalid_type")");
  EXPECT_EQ(value_at(ask("/v1/completions", R"({"prompt":""})"), "/error/message"),
            R"("prompt is empty: there is nothing to go on from")");
}

TEST_F(ModelRoutesTest, StreamsACompletion) {
  const std::string events = ask("/v1/completions", R"({"prompt":"Once","stream":true})");
  EXPECT_TRUE(events.contains(R"("text":"Once")"));
  EXPECT_TRUE(events.ends_with("data: [DONE]\n\n"));
}

TEST_F(ModelRoutesTest, CompletesAsLlamaServerDoes) {
  EXPECT_EQ(value_at(ask("/completion", R"({"prompt":"Once","n_predict":4})"), "/content"), R"("Once")");
  EXPECT_EQ(value_at(ask("/completions", R"({"prompt":"Again","n_predict":4})"), "/content"), R"("Again")");
  EXPECT_TRUE(ask("/completion", R"({"prompt":"Twice","stream":true})").contains(R"("content":"Twice")"));
  ask("/completion", R"({"prompt":["a","b"]})");
  EXPECT_EQ(status_, 400);
}

TEST_F(ModelRoutesTest, TellsTheTokensOfATextOrAChat) {
  EXPECT_EQ(value_at(ask("/tokenize", R"({"content":"Ab"})"), "/tokens"), "[65,98]");
  EXPECT_EQ(value_at(ask("/tokenize", R"({"content":"A","with_pieces":true})"), "/tokens/0/piece"), R"("A")");
  EXPECT_EQ(value_at(ask("/tokenize", R"({"prompt":"Ab"})"), "/count"), "2") << "as vLLM's clients ask";
  EXPECT_EQ(value_at(ask("/tokenize", R"({"messages":[{"role":"user","content":"A"}]})"), "/count"), "7");
  EXPECT_EQ(value_at(ask("/tokenize", "{}"), "/error/param"), R"("content")");
  EXPECT_EQ(value_at(ask("/tokenize", R"({"content":7})"), "/error/param"), R"("content")");
  EXPECT_EQ(value_at(ask("/tokenize", R"({"content":["A",66,"c"]})"), "/tokens"), "[65,66,99]");
  EXPECT_EQ(value_at(ask("/tokenize", R"({"content":["A",256]})"), "/error/param"), R"("content[1]")");
  EXPECT_EQ(value_at(ask("/tokenize", R"({"prompt":"Ab","return_token_strs":true})"), "/token_strs"), R"(["A","b"])");
  EXPECT_EQ(value_at(ask("/tokenize", R"({"prompt":"Ab","return_token_strs":1})"), "/error/param"),
            R"("return_token_strs")");
}

TEST_F(ModelRoutesTest, TellsTheTextOfTokens) {
  EXPECT_EQ(ask("/detokenize", R"({"tokens":[65,98]})"), R"({"content":"Ab","prompt":"Ab"})");
  for (const char* bad : {R"({"tokens":[-1]})", R"({"tokens":[256]})", R"({"tokens":["a"]})", R"({"tokens":7})", "{}"})
    EXPECT_EQ(value_at(ask("/detokenize", bad), "/error/param"), R"("tokens")") << bad;
}

TEST_F(ModelRoutesTest, ListsOfTokensAreBounded) {
  std::string list = "[0";
  for (int i = 0; i < 4'000'000; ++i) list += ",0";
  list += "]";
  EXPECT_EQ(value_at(ask("/tokenize", R"({"content":)" + list + "}"), "/error/param"), R"("content")");
  EXPECT_EQ(status_, 413);
  EXPECT_EQ(value_at(ask("/detokenize", R"({"tokens":)" + list + "}"), "/error/param"), R"("tokens")");
  EXPECT_EQ(status_, 413);
}

TEST_F(ModelRoutesTest, NamesThePictureThatCannotBeLaidOut) {
  const std::string body = R"({"messages":[{"role":"user","content":[{"type":"text","text":"A"},
      {"type":"image_url","image_url":"data:image/png;base64,QUJD"}]}]})";
  for (const char* path : {"/tokenize", "/v1/chat/completions/render", "/v1/chat/completions/input_tokens"})
    EXPECT_EQ(value_at(ask(path, body), "/error/param"), R"("messages[0].content[1].image_url")") << path;
}

TEST_F(ModelRoutesTest, AppliesTheTemplate) {
  const std::string body = R"({"messages":[{"role":"user","content":[{"type":"text","text":"A"},
      {"type":"image_url","image_url":"data:image/png;base64,QUJD"}]}]})";
  EXPECT_EQ(ask("/apply-template", body), R"({"prompt":"<user>A<__media__>"})");
  ask("/apply-template", R"({"messages":[]})");
  EXPECT_EQ(status_, 400);
}

// A prompt is shown with its images where the model will see them.
TEST_F(ModelRoutesTest, AppliesTheOrderOfImages) {
  Pipeline first(engine_, {.image_order = ImageOrder::first});
  const PromptsHandler prompts({engine_, first, intake_, "tiny"});
  FakeExchange exchange("/apply-template", R"({"messages":[{"role":"user","content":[{"type":"text","text":"A"},
      {"type":"image_url","image_url":"data:image/png;base64,QUJD"}]}]})");
  prompts.apply_template(exchange, {.name = "alice"});
  EXPECT_EQ(exchange.replied.value().body, R"({"prompt":"<user><__media__>A"})");
}

TEST_F(ModelRoutesTest, RendersAChatAndCountsItsTokens) {
  const std::string chat = R"({"messages":[{"role":"user","content":"A"}]})";
  EXPECT_EQ(value_at(ask("/v1/chat/completions/render", chat), "/token_ids"), "[60,117,115,101,114,62,65]");
  EXPECT_EQ(ask("/v1/chat/completions/input_tokens", chat), R"({"object":"response.input_tokens","input_tokens":7})");
  const std::string broken = R"({"messages":[{"role":"user","content":[
      {"type":"image_url","image_url":"data:image/png;base64,QUJD"}]}]})";
  for (const char* path : {"/v1/chat/completions/render", "/v1/chat/completions/input_tokens"}) {
    ask(path, broken);
    EXPECT_EQ(status_, 400) << "no picture";
    ask(path, "{");
    EXPECT_EQ(status_, 400) << "no request";
  }
  EXPECT_EQ(engine_.generations, 0);
}

TEST_F(ModelRoutesTest, TellsOfTheModel) {
  EXPECT_EQ(value_at(ask("/props", ""), "/default_generation_settings/params/max_tokens"), "33");
  EXPECT_EQ(value_at("{\"slots\":" + ask("/slots", "") + "}", "/slots/0/is_processing"), "false");
}

}  // namespace
}  // namespace fovea::serve
