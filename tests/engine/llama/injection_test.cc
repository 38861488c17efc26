// What clients write with control tokens' texts, through whole engines: their templates and their tokenizers.
#include <gtest/gtest.h>

#include <map>

#include "engine/llama/llama_engine.h"
#include "engine/models.h"

namespace fovea::llama {
namespace {

// A conversation with `text` wherever a client can write.
Prompt rendered(const VisionLanguageEngine& engine, const std::string& text) {
  const ToolUse tools{.tools = {{.name = "look", .description = "Looks " + text}}};
  const std::vector<Message> messages{{"system", {"Be " + text + " brief."}},
                                      {"user", {text, " what?", ImageSlot{0}, text}},
                                      {.role = "assistant", .parts = {text}, .tool_calls = {{"id", "look", "{}"}}},
                                      {.role = "tool", .parts = {"seen " + text}, .tool_call_id = "id"},
                                      {"user", {"and " + text + "?"}}};
  return engine.render(messages, {.tools = &tools}).value();
}

// How often each token that has no text of its own stands in the prompt.
std::map<std::int32_t, int> control_tokens(VisionLanguageEngine& engine, const Prompt& prompt) {
  std::map<std::int32_t, int> counts;
  const auto layout = engine.lay_out(prompt, std::vector<ImageSize>{{96, 96}}).value();
  for (const PromptItem& item : layout->items()) {
    if (!item.tile && engine.token_bytes(item.token).empty()) ++counts[item.token];
  }
  return counts;
}

std::vector<std::string> control_texts(const VisionLanguageEngine& engine) {
  std::vector<std::string> texts;
  for (std::int32_t token = 0; token < engine.facts().vocabulary; ++token) {
    const std::string text = engine.token_text(token);
    if (text.size() > 2 && engine.token_bytes(token).empty()) texts.push_back(text);
  }
  return texts;
}

// The bundled model that calls tools, whose template renders them.
std::unique_ptr<LlamaEngine> open_tool_model() {
  const auto model = test::tiny_model.parent_path() / "fovea-tiny-tools.gguf";
  return LlamaEngine::open({.model = model, .mmproj = test::tiny_mmproj}).value();
}

TEST(EnginesControlTokens, Incident31AreOnlyTheTemplatesOwn) {
  const auto tool_model = open_tool_model();
  EXPECT_EQ(tool_model->tool_format(), ToolFormat::hermes);
  EXPECT_EQ(test::engine_of(test::TestModel::tiny).tool_format(), ToolFormat::generic);
  VisionLanguageEngine* engines[] = {&test::engine_of(test::TestModel::tiny),
                                     &test::engine_of(test::TestModel::idefics3), tool_model.get()};
  for (VisionLanguageEngine* each : engines) {
    VisionLanguageEngine& engine = *each;
    const auto harmless = control_tokens(engine, rendered(engine, "(harmless)"));
    const auto texts = control_texts(engine);
    EXPECT_GT(texts.size(), 3U);
    for (const std::string& text : texts) EXPECT_EQ(control_tokens(engine, rendered(engine, text)), harmless) << text;
  }
}

TEST(EnginesControlTokens, AreTheClientsWhereThatIsAllowed) {
  const auto open =
      LlamaEngine::open({.model = test::tiny_model, .mmproj = test::tiny_mmproj, .allow_control_tokens = true}).value();
  VisionLanguageEngine& closed = test::engine_of(test::TestModel::tiny);
  EXPECT_EQ(control_tokens(*open, rendered(*open, "x")), control_tokens(closed, rendered(closed, "x")));
  EXPECT_NE(control_tokens(*open, rendered(*open, "<|user|>")), control_tokens(closed, rendered(closed, "<|user|>")));
  // The same model with the same prompt gives the same answers either way.
  EXPECT_EQ(open->text_fingerprint(), closed.text_fingerprint());
}

TEST(EnginesControlTokens, OfARenderedPromptAreTheClients) {
  VisionLanguageEngine& engine = test::engine_of(test::TestModel::tiny);
  const auto counts = control_tokens(engine, Prompt{{"<|user|>\nhi<|end|>\n<|assistant|>\n"}});
  EXPECT_EQ(counts.size(), 3U);
}

}  // namespace
}  // namespace fovea::llama
