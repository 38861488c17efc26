// Conversations with tools through templates as published models have them.
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/llama/template/chat_template.h"
#include "engine/llama/template/published_templates.h"

namespace fovea::llama {
namespace {

const ToolUse look{.tools = {{.name = "look",
                              .description = "Looks again.",
                              .parameters = R"({"type":"object","properties":{"x":{"type":"integer"}}})"}}};

Message call(std::vector<ToolCall> calls, std::vector<PromptPart> parts = {}) {
  return {.role = "assistant", .parts = std::move(parts), .tool_calls = std::move(calls)};
}
Message result(std::string id, std::vector<PromptPart> parts) {
  return {.role = "tool", .parts = std::move(parts), .tool_call_id = std::move(id)};
}
ToolCall looking(std::string id, const std::string& x) { return {std::move(id), "look", R"({"x": )" + x + "}"}; }

// A question, two calls at once with words beside them, their results, and a second question.
const std::vector<Message> conversation{{"system", {"Be short."}},
                                        {"user", {"What is there?"}},
                                        call({looking("id-a", "1"), looking("id-b", "2")}, {"I look."}),
                                        result("id-a", {"a cat"}),
                                        result("id-b", {"a dog"}),
                                        {"user", {"Sure?"}}};

class Template {
 public:
  explicit Template(const std::string& source) : template_(ChatTemplate::parse(source, "<s>", "</s>").value()) {}

  ToolFormat format() const { return template_.tool_format(); }

  // With [n] in place of image n.
  std::string text(const std::vector<Message>& messages, const RenderOptions& options = {.tools = &look}) const {
    const auto prompt = template_.render(messages, options);
    EXPECT_TRUE(prompt) << prompt.error().message;
    std::string text;
    for (const PromptPart& part : prompt ? prompt->parts : std::vector<PromptPart>()) {
      if (const auto* image = std::get_if<ImageSlot>(&part))
        text += std::format("[{}]", image->index);
      else
        text += std::get<std::string>(part);
    }
    return text;
  }

  std::string refusal(const std::vector<Message>& messages, const RenderOptions& options = {}) const {
    const auto prompt = template_.render(messages, options);
    EXPECT_FALSE(prompt);
    return prompt ? "" : prompt.error().message;
  }

 private:
  ChatTemplate template_;
};

std::ptrdiff_t count(const std::string& text, std::string_view what) {
  std::ptrdiff_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) ++found;
  return found;
}

// That each stands in the text behind the one before.
void expect_in_order(const std::string& text, const std::vector<std::string>& pieces) {
  std::size_t at = 0;
  for (const std::string& piece : pieces) {
    const std::size_t found = text.find(piece, at);
    EXPECT_NE(found, std::string::npos) << "\"" << piece << "\" is not behind the others in:\n" << text;
    if (found != std::string::npos) at = found + piece.size();
  }
}

TEST(HermesTemplate, RendersToolsItself) {
  const Template hermes(test::hermes_template);
  EXPECT_EQ(hermes.format(), ToolFormat::hermes);
  EXPECT_EQ(
      hermes.text(conversation),
      "<|im_start|>system\nBe short.\n\n# Tools\n\n<tools>\n"
      R"({"type": "function", "function": {"name": "look", "description": "Looks again.", )"
      R"("parameters": {"type": "object", "properties": {"x": {"type": "integer"}}}}})"
      "\n</tools>\n\nWrite each call within <tool_call></tool_call>.<|im_end|>\n"
      "<|im_start|>user\nWhat is there?<|im_end|>\n"
      "<|im_start|>assistant\nI look.\n<tool_call>\n{\"name\": \"look\", \"arguments\": {\"x\": 1}}\n</tool_call>\n"
      "<tool_call>\n{\"name\": \"look\", \"arguments\": {\"x\": 2}}\n</tool_call><|im_end|>\n"
      "<|im_start|>user\n<tool_response>\na cat\n</tool_response>\n<tool_response>\na dog\n</tool_response><|im_end|>\n"
      "<|im_start|>user\nSure?<|im_end|>\n<|im_start|>assistant\n");
}

TEST(HermesTemplate, ChoosingNoneRendersNoTools) {
  const Template hermes(test::hermes_template);
  ToolUse none = look;
  none.choice = ToolChoice::none;
  const std::vector<Message> question{{"user", {"Hi"}}};
  EXPECT_EQ(hermes.text(question, {.tools = &none}), hermes.text(question, {}));
  EXPECT_EQ(hermes.text(question, {}), "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
}

TEST(HermesTemplate, TakesVariablesButNotThoseOfItsOwn) {
  const Template hermes(test::hermes_template);
  const std::vector<Message> question{{"user", {"Hi"}}};
  EXPECT_TRUE(hermes.text(question, {.template_args = R"({"enable_thinking": false})"}).ends_with("</think>\n\n"));
  EXPECT_EQ(hermes.text(question, {.template_args = R"({"messages": [], "tools": [{"x": 1}], "bos_token": "no"})"}),
            hermes.text(question, {}));
  EXPECT_EQ(hermes.text(question, {.template_args = R"({"add_generation_prompt": false})"}),
            "<|im_start|>user\nHi<|im_end|>\n");
  EXPECT_TRUE(hermes.refusal(question, {.template_args = "[1]"}).contains("not a JSON object"));
  EXPECT_TRUE(hermes.refusal(question, {.template_args = std::string(200, '[')}).contains("nested more than"));
}

TEST(Llama3Template, CallsComeOneByOneEachWithItsResult) {
  const Template llama(test::llama3_template);
  EXPECT_EQ(llama.format(), ToolFormat::llama3);
  const std::string text = llama.text(conversation);
  const std::string caller = "<|start_header_id|>assistant<|end_header_id|>\n\n";
  expect_in_order(text,
                  {"\"name\": \"look\"", "Be short.", "What is there?", caller + "I look.<|eot_id|>",
                   caller + R"({"name": "look", "parameters": {"x": 1}}<|eot_id|>)", R"("a cat")",
                   caller + R"({"name": "look", "parameters": {"x": 2}}<|eot_id|>)", R"("a dog")", "Sure?", caller});
  EXPECT_EQ(count(text, "a cat"), 1);
  EXPECT_EQ(count(text, "I look."), 1);
}

TEST(MistralTemplate, IdsAreNumberedAsItDemands) {
  const Template mistral(test::mistral_template);
  EXPECT_EQ(mistral.format(), ToolFormat::mistral);
  const std::vector<Message> messages(conversation.begin(), conversation.end() - 1);
  const std::string text = mistral.text(messages);
  expect_in_order(
      text,
      {"[AVAILABLE_TOOLS]", "[INST]", R"([TOOL_CALLS] [{"name": "look", "arguments": {"x": 1}, "id": "call00000"}, )",
       R"("arguments": {"x": 2}, "id": "call00001"}]</s>)",
       R"([TOOL_RESULTS] {"content": "a cat", "call_id": "call00000"})", R"("a dog", "call_id": "call00001")"});
}

TEST(MistralTemplate, OtherIdsAreTheSamePrompt) {
  const Template mistral(test::mistral_template);
  const auto with_ids = [&](const std::string& a, const std::string& b, bool swapped) {
    std::vector<Message> messages{{"user", {"What?"}}, call({looking(a, "1"), looking(b, "2")})};
    messages.push_back(swapped ? result(b, {"a dog"}) : result(a, {"a cat"}));
    messages.push_back(swapped ? result(a, {"a cat"}) : result(b, {"a dog"}));
    return mistral.text(messages);
  };
  EXPECT_EQ(with_ids("call_x1", "call_x2", false), with_ids("chatcmpl-tool-77", "f", false));
  const std::string swapped = with_ids("q", "r", true);
  expect_in_order(swapped, {R"("a dog", "call_id": "call00001")", R"("a cat", "call_id": "call00000")"});
  // Without ids, results are of the calls in their order.
  EXPECT_EQ(with_ids("", "", false), with_ids("q", "r", false));
}

TEST(Gemma3Template, HasTheGenericForm) {
  const Template gemma(test::gemma3_template);
  EXPECT_EQ(gemma.format(), ToolFormat::generic);
  const std::string text = gemma.text(conversation);
  EXPECT_TRUE(text.starts_with("<s><start_of_turn>user\nBe short.\n\nYou can call functions.")) << text;
  expect_in_order(text, {"<tools>\n", R"("name":"look")", "</tools>",
                         "What is there?<end_of_turn>\n<start_of_turn>model\nI look.\n"
                         "<tool_call>\n{\"name\": \"look\", \"arguments\": {\"x\": 1}}\n</tool_call>\n"
                         "<tool_call>\n{\"name\": \"look\", \"arguments\": {\"x\": 2}}\n</tool_call><end_of_turn>\n"
                         "<start_of_turn>user\n<tool_response>\na cat\n</tool_response>\n<tool_response>\na dog\n"
                         "</tool_response>\nSure?<end_of_turn>\n<start_of_turn>model\n"});
}

TEST(Gemma3Template, MessagesInARowAreOneWhereItWantsTurns) {
  const Template gemma(test::gemma3_template);
  EXPECT_EQ(gemma.text({{"user", {"One."}}, {"user", {"Two."}}}, {}),
            "<s><start_of_turn>user\nOne.\n\nTwo.<end_of_turn>\n<start_of_turn>model\n");
  // Its refusal is the user's where that does not help.
  EXPECT_TRUE(gemma.refusal({{"assistant", {"I am first."}}}).contains("must alternate"));
}

TEST(Gemma2Template, ASystemMessageIsTheBeginningOfTheUsers) {
  const Template gemma(test::gemma2_template);
  EXPECT_EQ(gemma.text({{"system", {"Be short."}}, {"user", {"Hi"}}}, {}),
            "<s><start_of_turn>user\nBe short.\n\nHi<end_of_turn>\n<start_of_turn>model\n");
  expect_in_order(gemma.text({{"user", {"Hi"}}}),
                  {"<start_of_turn>user\nYou can call functions.", "</tool_call>\n\nHi"});
}

TEST(SmolVlmTemplate, HasTheGenericFormInTypedParts) {
  const Template smolvlm(test::smolvlm_template);
  EXPECT_EQ(smolvlm.format(), ToolFormat::generic);
  expect_in_order(
      smolvlm.text(conversation),
      {"System: Be short.\n\nYou can call functions.", "User: What is there?<end_of_utterance>",
       "Assistant: I look.\n<tool_call>", "User: <tool_response>\na cat\n</tool_response>\n<tool_response>\na dog",
       "Sure?<end_of_utterance>\nAssistant:"});
  expect_in_order(smolvlm.text({{"user", {"Hi"}}}), {"System: You can call functions.", "User: Hi"});
}

TEST(EveryTemplate, Incident30PicturesOfToolsComeOutInPlace) {
  for (const std::string& source : {test::hermes_template, test::llama3_template, test::mistral_template,
                                    test::gemma3_template, test::smolvlm_template}) {
    const std::string text = Template(source).text({{"user", {ImageSlot{0}, "What?"}},
                                                    call({looking("a", "1")}),
                                                    result("a", {"before", ImageSlot{1}, "behind"})});
    expect_in_order(text, {"[0]What?", "before[1]behind"});
    EXPECT_EQ(count(text, "[1]"), 1) << text;
  }
}

TEST(EveryTemplate, CallsWithoutContentAndResultsWithoutCallsAreRendered) {
  for (const std::string& source : {test::hermes_template, test::llama3_template, test::mistral_template,
                                    test::gemma3_template, test::smolvlm_template}) {
    const Template any(source);
    const std::string text = any.text({{"user", {"What?"}}, call({looking("a", "1")}), result("other", {"a cat"})});
    expect_in_order(text, {"What?", "look", "a cat"});
    EXPECT_FALSE(text.contains("None") || text.contains("null")) << text;
    expect_in_order(any.text({{"user", {"What?"}}, result("", {"a cat"})}), {"What?", "a cat"});
    // Arguments that are no JSON are shown as they are.
    expect_in_order(any.text({{"user", {"What?"}}, call({{"a", "look", "x = 1"}})}), {"look", "x = 1"});
    EXPECT_TRUE(any.text({{"user", {"What?"}}, call({{"a", "look", ""}})}).contains("{}"));
  }
}

TEST(EveryTemplate, AnAnswerGoesOnWhereItEnded) {
  for (const std::string& source : {test::hermes_template, test::llama3_template, test::mistral_template,
                                    test::gemma3_template, test::smolvlm_template}) {
    const Template any(source);
    const std::vector<Message> question{{"user", {"What?"}}};
    std::vector<Message> begun = question;
    begun.push_back({"assistant", {"It is a ", " \n"}});
    EXPECT_EQ(any.text(begun, {.tools = &look, .continue_final = true}), any.text(question) + "It is a  \n");
    EXPECT_TRUE(any.refusal(question, {.continue_final = true}).contains("only a last message of the assistant"));
    EXPECT_TRUE(any.refusal({{"user", {"?"}}, {"assistant", {}}}, {.continue_final = true}).contains("no text"));
    EXPECT_TRUE(
        any.refusal({{"user", {"?"}}, call({looking("a", "1")})}, {.continue_final = true}).contains("calls tools"));
  }
}

TEST(ToolTemplate, WhereResultsLosePicturesTheUserShowsThem) {
  // Prints of a result what stands in front of a picture only.
  const std::string losing =
      test::hermes_template.substr(0,
                                   test::hermes_template.find("{{- message.content }}{{- '\\n</tool_response>' }}")) +
      "{{- message.content[:12] }}{{- '\\n</tool_response>' }}" +
      test::hermes_template.substr(test::hermes_template.find("{%- if loop.last or (messages[loop.index0 + 1]"));
  const std::string text = Template(losing).text({{"user", {"What?"}},
                                                  call({looking("a", "1"), looking("b", "2")}),
                                                  result("a", {"first result", ImageSlot{0}}),
                                                  result("b", {"other result", ImageSlot{1}}),
                                                  {"user", {"And?"}}});
  expect_in_order(text, {"first result\n</tool_response>", "other result\n</tool_response>",
                         "<|im_start|>user\n[0][1]<|im_end|>", "And?"});
}

}  // namespace
}  // namespace fovea::llama
