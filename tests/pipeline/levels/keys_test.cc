#include "pipeline/levels/keys.h"

#include <gtest/gtest.h>

#include <set>

#include "pipeline/scripted_engine.h"

namespace fovea {
namespace {

Key number(std::int64_t n) { return KeyBuilder("number").field(n).finish(); }

TEST(Keys, EmbeddingKeyHoldsTenantModelAndInput) {
  const std::set<Key> keys = {embedding_key("a", number(1), number(2)), embedding_key("b", number(1), number(2)),
                              embedding_key("a", number(3), number(2)), embedding_key("a", number(1), number(3)),
                              tiling_key("a", number(1), number(2))};
  EXPECT_EQ(keys.size(), 5u);
  EXPECT_EQ(embedding_key("a", number(1), number(2)), embedding_key("a", number(1), number(2)));
}

TEST(Keys, Incident7EveryOptionOfTheRequestIsInTheResponseKey) {
  test::ScriptedEngine engine;
  const Prompt prompt{{"look ", ImageSlot{0}, " what?"}};
  const std::vector<Key> images = {number(1)};
  std::set<Key> keys;
  const auto add = [&](const GenerateOptions& options) {
    keys.insert(response_key("t", engine, prompt, images, options));
  };
  add({});
  add({.temperature = 0.5, .seed = 1});
  add({.temperature = 0.5, .seed = 2});
  add({.top_p = 0.9});
  add({.top_k = 5});
  add({.min_p = 0.1});
  add({.seed = 1});
  add({.seed = 0});
  add({.max_tokens = 7});
  add({.stop = {"a"}});
  add({.stop = {"a", "b"}});
  add({.stop = {"ab"}});
  add({.frequency_penalty = 0.5});
  add({.presence_penalty = 0.5});
  add({.logit_bias = {{5, 1}}});
  add({.logit_bias = {{5, 2}}});
  add({.logit_bias = {{6, 1}}});
  add({.logit_bias = {{5, 1}, {6, 1}}});
  add({.json_schema = ""});
  add({.json_schema = "{}"});
  add({.json_schema = R"({"type":"object"})"});
  EXPECT_EQ(keys.size(), 21u);
}

TEST(Keys, Incident6And7TheImagesAndTheirPlacesAreInTheResponseKey) {
  test::ScriptedEngine engine;
  std::set<Key> keys;
  const auto add = [&](const Prompt& prompt, const std::vector<Key>& images) {
    keys.insert(response_key("t", engine, prompt, images, {}));
  };
  add({{"look ", ImageSlot{0}, " what?"}}, {number(1)});
  add({{"look ", ImageSlot{0}, " what?"}}, {number(2)});
  add({{ImageSlot{0}, "look  what?"}}, {number(1)});
  add({{ImageSlot{0}, ImageSlot{1}, "q"}}, {number(1), number(2)});
  add({{ImageSlot{1}, ImageSlot{0}, "q"}}, {number(1), number(2)});
  add({{"look  what?"}}, {});
  EXPECT_EQ(keys.size(), 6u);
}

TEST(Keys, Incident5PartsAreFramed) {
  test::ScriptedEngine engine;
  EXPECT_NE(response_key("t", engine, {{"ab", "c"}}, {}, {}), response_key("t", engine, {{"a", "bc"}}, {}, {}));
  EXPECT_NE(response_key("ta", engine, {{"b"}}, {}, {}), response_key("t", engine, {{"ab"}}, {}, {}));
}

TEST(Keys, Incident31PlainTextIsAnotherPromptThanAControlToken) {
  test::ScriptedEngine engine;
  std::set<Key> keys;
  for (const Prompt& prompt : {Prompt{{"say <|end|> now"}}, Prompt{{"say ", PlainText{"<|end|>"}, " now"}},
                               Prompt{{"say ", "<|end|>", " now"}}, Prompt{{"say ", PlainText{"<|end|> now"}}}})
    keys.insert(response_key("t", engine, prompt, {}, {}));
  EXPECT_EQ(keys.size(), 4u);
}

TEST(Keys, Incident7EverythingAboutToolsIsInTheResponseKey) {
  test::ScriptedEngine engine;
  std::set<Key> keys;
  const auto add = [&](const ToolUse& tools) {
    keys.insert(response_key("t", engine, Prompt{{"what?"}}, {}, {.tools = tools}));
  };
  const Tool look{.name = "look", .description = "Looks.", .parameters = R"({"type":"object"})"};
  Tool strict = look, described = look, shaped = look;
  strict.strict = true;
  described.description = "Looks again.";
  shaped.parameters = "{}";
  add({});
  for (const Tool& tool : {look, strict, described, shaped}) add({.tools = {tool}});
  add({.tools = {look, strict}});
  add({.tools = {look}, .choice = ToolChoice::required});
  add({.tools = {look}, .choice = ToolChoice::required, .named = "look"});
  add({.tools = {look}, .parallel = false});
  EXPECT_EQ(keys.size(), 9u);
  add({.tools = {look}, .choice = ToolChoice::none});
  add({.choice = ToolChoice::required});
  EXPECT_EQ(keys.size(), 9u) << "tools that cannot be called are none";
}

Request asked(const std::string& role, std::vector<PromptPart> parts) {
  Request request;
  request.messages.push_back({.role = role, .parts = std::move(parts), .tool_calls = {}, .tool_call_id = {}});
  return request;
}

TEST(Keys, ARequestKeyHoldsWhatRenderingReads) {
  test::ScriptedEngine engine;
  std::set<Key> keys;
  std::size_t requests = 0;
  const auto add = [&](const Request& request, const std::string& scope = "t", std::int64_t image = 1) {
    keys.insert(request_key(scope, engine, request, {{number(image)}}));
    ++requests;
  };
  add(asked("user", {"look", ImageSlot{0}}));
  add(asked("user", {"look", ImageSlot{0}}), "other");
  add(asked("user", {"look", ImageSlot{0}}), "t", 2);
  add(asked("user", {ImageSlot{0}, "look"}));
  add(asked("user", {"lo", "ok", ImageSlot{0}}));
  add(asked("user", {PlainText{"look"}, ImageSlot{0}}));
  add(asked("system", {"look", ImageSlot{0}}));
  Request request = asked("user", {"look", ImageSlot{0}});
  request.messages.push_back(asked("assistant", {"yes"}).messages[0]);
  add(request);
  request.continue_final = true;
  add(request);
  request.continue_final = false;
  request.template_args = R"({"enable_thinking":false})";
  add(request);
  Message& last = request.messages.back();
  last.tool_calls = {{.id = "1", .name = "see", .arguments = "{}"}};
  add(request);
  last.tool_calls[0].id = "2";
  add(request);
  last.tool_calls[0].name = "hear";
  add(request);
  last.tool_calls[0].arguments = R"({"a":1})";
  add(request);
  last.tool_call_id = "2";
  add(request);
  request.options.max_tokens = 3;
  add(request);
  request.options.tools = {.tools = {{.name = "see", .description = {}, .parameters = {}}}};
  add(request);
  engine.text = number(9);
  add(request);
  engine.vision = number(9);
  add(request);
  EXPECT_EQ(keys.size(), requests);
  EXPECT_TRUE(keys.contains(request_key("t", engine, request, {{number(1)}})));
}

TEST(Keys, Incident9AnotherModelIsAnotherKey) {
  test::ScriptedEngine engine;
  const Key before = response_key("t", engine, {{"q"}}, {}, {});
  engine.text = number(9);
  const Key other_decoder = response_key("t", engine, {{"q"}}, {}, {});
  engine.vision = number(9);
  const Key other_encoder = response_key("t", engine, {{"q"}}, {}, {});
  EXPECT_EQ((std::set{before, other_decoder, other_encoder}).size(), 3u);
}

}  // namespace
}  // namespace fovea
