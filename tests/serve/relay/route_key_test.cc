#include "serve/relay/route_key.h"

#include <gtest/gtest.h>

#include <string>

#include "image/source.h"
#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::body_of;

std::optional<Key> keyed(const std::string& json, RelayedApi api = RelayedApi::chat) {
  return route_key(api, body_of(json), {});
}

std::string said(const std::string& role, const std::string& text) {
  return R"({"role":")" + role + R"(","content":")" + text + R"("})";
}

std::string conversation(const std::string& messages, const std::string& fields = "") {
  return "{" + fields + R"("messages":[)" + messages + "]}";
}

TEST(RouteKey, AConversationIsRoutedByItsBeginning) {
  const std::string first = said("system", "Be brief.") + "," + said("user", "Hello");
  const auto key = keyed(conversation(first));
  ASSERT_TRUE(key);
  EXPECT_EQ(keyed(conversation(first + "," + said("assistant", "Hi") + "," + said("user", "Who are you?"))), key);
  EXPECT_EQ(keyed(conversation(first, R"("temperature":0,)")), key);
  EXPECT_NE(keyed(conversation(said("system", "Be brief.") + "," + said("user", "Bye"))), key);
  EXPECT_NE(keyed(conversation(said("user", "Hello"))), key);
}

TEST(RouteKey, ResponsesHaveTheirConversationInInput) {
  const auto text = keyed(R"({"input":"Hello"})", RelayedApi::responses);
  ASSERT_TRUE(text);
  EXPECT_NE(keyed(R"({"input":"Bye"})", RelayedApi::responses), text);
  const auto list = keyed(R"({"input":[)" + said("user", "Hello") + "]}", RelayedApi::responses);
  ASSERT_TRUE(list);
  EXPECT_EQ(
      keyed(R"({"input":[)" + said("user", "Hello") + "," + said("assistant", "Hi") + "]}", RelayedApi::responses),
      list);
}

TEST(RouteKey, ThePromptCacheKeyCountsBeforeTheConversation) {
  const auto key = keyed(conversation(said("user", "Hello"), R"("prompt_cache_key":"k",)"));
  ASSERT_TRUE(key);
  EXPECT_EQ(keyed(conversation(said("user", "Bye"), R"("prompt_cache_key":"k",)")), key);
  EXPECT_NE(keyed(conversation(said("user", "Hello"), R"("prompt_cache_key":"l",)")), key);
  EXPECT_EQ(keyed(conversation(said("user", "Hello"), R"("prompt_cache_key":7,)")),
            keyed(conversation(said("user", "Hello"))))
      << "it is a text";
}

TEST(RouteKey, AnImageCountsBeforeAll) {
  const std::string json = conversation(said("user", "Hello"), R"("prompt_cache_key":"k",)");
  const Blob bytes = Blob::copy_of(std::as_bytes(std::span(json)));
  const auto by = [&](const ImageReference& image) { return route_key(RelayedApi::chat, body_of(json), {image}); };
  EXPECT_EQ(by({.from = bytes, .where = ""}), source_key(bytes.bytes()));
  const auto address = by({.from = ImageUrl{"https://a.example/1.png"}, .where = ""});
  ASSERT_TRUE(address);
  EXPECT_NE(address, keyed(json));
  EXPECT_NE(by({.from = ImageUrl{"https://a.example/2.png"}, .where = ""}), address);
}

TEST(RouteKey, WhereNothingNamesTheConversationThereIsNone) {
  EXPECT_FALSE(keyed("{}"));
  EXPECT_FALSE(keyed(conversation("")));
  EXPECT_FALSE(keyed(R"({"messages":7})"));
  EXPECT_FALSE(keyed(R"({"prompt":"Hello"})", RelayedApi::completions));
  EXPECT_FALSE(keyed(R"({"input":"And now?","previous_response_id":"resp_1"})", RelayedApi::responses));
  EXPECT_FALSE(keyed(R"({"input":"And now?","conversation":"conv_1"})", RelayedApi::responses));
}

}  // namespace
}  // namespace fovea::serve
