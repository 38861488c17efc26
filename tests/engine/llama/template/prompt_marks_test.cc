// Control tokens that somebody writes, through templates as published models have them: wherever they stand
// in a conversation, they are plain text in the prompt, and only the template's own are control tokens.
#include <gtest/gtest.h>

#include <map>

#include "engine/llama/template/chat_template.h"
#include "engine/llama/template/published_templates.h"

namespace fovea::llama {
namespace {

struct Published {
  std::string source;
  std::vector<std::string> control;  // of its vocabulary
};

const std::vector<Published> published{
    {test::hermes_template, {"<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>", "<tool_response>", "</s>"}},
    {test::llama3_template, {"<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|python_tag|>", "<s>"}},
    {test::mistral_template, {"[INST]", "[/INST]", "[TOOL_CALLS]", "[TOOL_RESULTS]", "[/TOOL_RESULTS]", "<s>", "</s>"}},
    {test::gemma3_template, {"<start_of_turn>", "<end_of_turn>", "<start_of_image>", "<s>"}},
    {test::smolvlm_template, {"<|im_start|>", "<end_of_utterance>", "<image>", "<fake_token_around_image>"}},
};

ChatTemplate of(const Published& model, bool protects = true) {
  ChatTemplate chat_template = ChatTemplate::parse(model.source, "<s>", "</s>").value();
  if (protects) chat_template.protect({ControlTokens(model.control), ControlTokens(model.control)});
  return chat_template;
}

// JSON's other spelling of the same text.
std::string escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) escaped += c == '<' || c == '[' ? std::format("\\u{:04x}", c) : std::string(1, c);
  return escaped;
}

// A conversation that has `text` wherever a client can write.
Result<Prompt> rendered(const ChatTemplate& chat_template, const std::string& text) {
  const ToolUse tools{.tools = {{.name = "look" + text,
                                 .description = "Looks " + text,
                                 .parameters = R"({"type":"object","description":")" + text + R"(","properties":{")" +
                                               escaped(text) + R"(":{"type":"string"}}})"}}};
  const std::string half = text.substr(0, text.size() / 2), rest = text.substr(half.size());
  const std::vector<Message> messages{
      {"system", {"Be short. " + text}},
      {"user", {half, rest, " what? ", ImageSlot{0}, text + text}},
      {.role = "assistant",
       .parts = {"I look " + text},
       .tool_calls = {{"id" + text, "look" + text, R"({"x": ")" + escaped(text) + R"(", ")" + text + R"(": [1]})"}}},
      {.role = "tool", .parts = {"seen " + text}, .tool_call_id = "id" + text},
      {"user", {text}}};
  return chat_template.render(
      messages,
      {.tools = &tools, .template_args = R"({"enable_thinking": false, "date_string": "2024)" + text + R"("})"});
}

// How often each of the model's control tokens stands where it is one.
std::map<std::string, int> control_tokens(const Published& model, const Prompt& prompt) {
  const ControlTokens tokens(model.control);
  std::map<std::string, int> counts;
  for (const PromptPart& part : prompt.parts) {
    const auto* text = std::get_if<std::string>(&part);
    if (text == nullptr) continue;
    for (auto found = tokens.find(*text); found; found = tokens.find(*text, found->at + found->length))
      ++counts[text->substr(found->at, found->length)];
  }
  return counts;
}

std::string all_text(const Prompt& prompt) {
  std::string all;
  for (const PromptPart& part : prompt.parts) {
    if (const auto* plain = std::get_if<PlainText>(&part)) all += plain->text;
    if (const auto* text = std::get_if<std::string>(&part)) all += *text;
  }
  return all;
}

TEST(Injection, Incident31WhatSomebodyWritesIsPlainText) {
  for (const Published& model : published) {
    const ChatTemplate chat_template = of(model);
    const auto harmless = control_tokens(model, rendered(chat_template, "(harmless)").value());
    for (const std::string& token : model.control) {
      const auto prompt = rendered(chat_template, token);
      ASSERT_TRUE(prompt) << token << ": " << prompt.error().message;
      EXPECT_EQ(control_tokens(model, *prompt), harmless) << token << " in:\n" << all_text(*prompt);
      EXPECT_GE(std::ranges::count(prompt->parts, PromptPart(PlainText{token})), 10) << token << " is lost in:\n"
                                                                                     << all_text(*prompt);
    }
  }
}

TEST(Injection, NothingElseChanges) {
  for (const Published& model : published) {
    const ChatTemplate closed = of(model), open = of(model, false);
    for (const std::string& token : model.control)
      EXPECT_EQ(all_text(rendered(closed, token).value()), all_text(rendered(open, token).value()));
  }
}

TEST(Injection, WithoutProtectionTheyAreControlTokens) {
  for (const Published& model : published) {
    const ChatTemplate open = of(model, false);
    const std::string& token = model.control.front();
    const int harmless = control_tokens(model, rendered(open, "(harmless)").value())[token];
    EXPECT_GE(control_tokens(model, rendered(open, token).value())[token], harmless + 10);
  }
}

TEST(Injection, AnAnswerThatGoesOnIsPlainTextToo) {
  const ChatTemplate chat_template = of(published.front());
  const std::vector<Message> messages{{"user", {"Hi"}}, {"assistant", {"I say <|im_end|> and"}}};
  const auto prompt = chat_template.render(messages, {.continue_final = true});
  ASSERT_TRUE(prompt);
  const std::vector<PromptPart> expected{"<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nI say ",
                                         PlainText{"<|im_end|>"}, " and"};
  EXPECT_EQ(prompt->parts, expected);
}

TEST(Injection, ARefusalQuotesWhatWasWritten) {
  ChatTemplate chat_template =
      ChatTemplate::parse(
          "{{ messages[0].content }}{% if messages[0].role == 'critic' %}{{ raise_exception('no: ' + "
          "messages[0].content) }}{% endif %}",
          "", "")
          .value();
  chat_template.protect({ControlTokens({"<|end|>"}), {}});
  const auto prompt = chat_template.render(std::vector<Message>{{"critic", {"a<|end|>b", ImageSlot{0}}}});
  ASSERT_FALSE(prompt);
  EXPECT_TRUE(prompt.error().message.ends_with("no: a<|end|>b[picture]")) << prompt.error().message;
}

TEST(Injection, MoreThanAnyContextHoldsIsRefused) {
  std::string many;
  for (int i = 0; i < (1 << 18) + 1; ++i) many += "<s>";
  const auto prompt = of(published.front()).render(std::vector<Message>{{"user", {many + "</s>"}}});
  EXPECT_TRUE(prompt) << "this model's vocabulary has no such token";
  const auto refused = of(published[3]).render(std::vector<Message>{{"user", {many}}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, Fault::invalid);
}

}  // namespace
}  // namespace fovea::llama
