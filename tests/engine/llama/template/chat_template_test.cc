#include "engine/llama/template/chat_template.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fovea::llama {
namespace {

ChatTemplate parsed(const std::string& source) {
  auto result = ChatTemplate::parse(source, "<s>", "</s>");
  EXPECT_TRUE(result) << (result ? "" : result.error().message);
  return std::move(*result);
}

const std::string plain =
    "{{ bos_token }}{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}";

TEST(ChatTemplate, RendersTextAndImagesInOrder) {
  const std::vector<Message> messages = {{"system", {"Be short."}},
                                         {"user", {"Before ", ImageSlot{1}, " between ", ImageSlot{0}}}};
  const auto prompt = parsed(plain).render(messages);
  ASSERT_TRUE(prompt);
  const std::vector<PromptPart> expected = {"<s><|system|>Be short.<|end|><|user|>Before ", ImageSlot{1}, " between ",
                                            ImageSlot{0}, "<|end|><|assistant|>"};
  EXPECT_EQ(prompt->parts, expected);
}

TEST(ChatTemplate, RendersTemplatesThatWalkTypedParts) {
  const std::string typed =
      "{% for m in messages %}{{ m.role | capitalize }}:{% for part in m.content %}{% if part.type == 'text' %} {{ "
      "part.text }}"
      "{% endif %}{% endfor %}{{ '\\n' }}{% endfor %}Assistant:";
  const auto prompt = parsed(typed).render(std::vector<Message>{{"user", {ImageSlot{0}, "What?"}}});
  ASSERT_TRUE(prompt);
  const std::vector<PromptPart> expected = {"User: ", ImageSlot{0}, "What?\nAssistant:"};
  EXPECT_EQ(prompt->parts, expected);
}

TEST(ChatTemplate, TheSameImageMayStandTwice) {
  const auto prompt = parsed(plain).render(std::vector<Message>{{"user", {ImageSlot{0}, ImageSlot{0}}}});
  ASSERT_TRUE(prompt);
  EXPECT_EQ(std::ranges::count(prompt->parts, PromptPart(ImageSlot{0})), 2);
}

TEST(ChatTemplate, RefusesWhatIsNoTemplate) {
  const auto result = ChatTemplate::parse("{% for m in %}", "", "");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, Fault::invalid);
}

TEST(ChatTemplate, RefusesATemplateThatDropsTheUsersWords) { EXPECT_FALSE(ChatTemplate::parse("hello", "", "")); }

std::string object_of(int fields) {
  std::string object = "{";
  for (int i = 0; i < fields; ++i) object += (i > 0 ? "," : "") + std::string("\"f") + std::to_string(i) + "\":0";
  return object + "}";
}

TEST(ChatTemplate, BoundsTheFieldsOfARequestsObjects) {
  const auto render = [](int calls, int fields) {
    const ToolCall call{"id", "find", object_of(fields)};
    std::vector<Message> messages = {{"user", {"x"}}, {"assistant", {}}, {"user", {"y"}}};
    messages[1].tool_calls.assign(static_cast<std::size_t>(calls), call);
    return parsed(plain).render(messages).has_value();
  };
  EXPECT_TRUE(render(1, 1000));
  EXPECT_FALSE(render(1, 1001));
  EXPECT_FALSE(render(51, 1000));
}

TEST(ChatTemplate, ATemplatesOwnRefusalReachesTheUser) {
  const std::string strict =
      "{% for m in messages %}{% if m.role == 'critic' %}{{ raise_exception('no critics here') }}{% endif %}{{ "
      "m.content }}{% endfor %}";
  const auto prompt = parsed(strict).render(std::vector<Message>{{"critic", {"x"}}, {"user", {"y"}}});
  ASSERT_FALSE(prompt);
  EXPECT_TRUE(prompt.error().message.contains("no critics here")) << prompt.error().message;
}

TEST(ChatTemplate, ATemplateThatLosesAnImageIsAnError) {
  const std::string users_only =
      "{% for m in messages %}{% if m.role == 'user' %}{{ m.content }}{% endif %}{% endfor %}";
  EXPECT_FALSE(parsed(users_only).render(std::vector<Message>{{"assistant", {ImageSlot{0}}}, {"user", {"hi"}}}));
}

}  // namespace
}  // namespace fovea::llama
