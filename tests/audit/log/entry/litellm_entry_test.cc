#include "audit/log/entry/litellm_entry.h"

#include "audit/log/log_reading.h"

namespace fovea {
namespace {

using test::only_request;
using test::reading;

const LogOptions litellm = test::as(LogFormat::litellm);

const std::string payload =
    R"({"id":"1","trace_id":"t","call_type":"acompletion","status":"success","model":"openai/m-1","model_group":"m",
    "startTime":1796000000.25,"endTime":1796000001.25,"completionStartTime":1796000000.5,"prompt_tokens":90,
    "completion_tokens":7,"cache_hit":null,"end_user":"u7","metadata":{"user_api_key_alias":"shop",
    "user_api_key_hash":"88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b",
    "usage_object":{"prompt_tokens_details":{"cached_tokens":64}}},
    "messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://e.org/a.png"}}]}],
    "model_parameters":{"temperature":0,"tools":[{"type":"function","function":{"name":"look"}}]}})";

std::string flat(std::string text) {
  std::erase(text, '\n');
  return text;
}

std::string with(const std::string& from, const std::string& to) {
  std::string text = flat(payload);
  const std::size_t at = text.find(from);
  return at == std::string::npos ? "" : text.replace(at, from.size(), to);
}

TEST(LitellmEntry, HasItsFields) {
  const AuditedRequest request = only_request(flat(payload));
  EXPECT_EQ(request.model, "m");
  EXPECT_EQ(request.client, "shop") << "the application, not its user";
  EXPECT_EQ(request.route, "acompletion");
  EXPECT_EQ(request.status, 200);
  EXPECT_EQ(request.time_ms, 1796000000250);
  EXPECT_EQ(request.duration_ms, 1000);
  EXPECT_EQ(request.first_token_ms, 250);
  EXPECT_EQ(request.prompt_tokens, 90u);
  EXPECT_EQ(request.cached_tokens, 64u);
  EXPECT_EQ(request.answer_tokens, 7u);
  EXPECT_TRUE(request.deterministic);
  ASSERT_EQ(request.parts.size(), 2u);
  EXPECT_EQ(request.parts[0].role, PartRole::tools);
  EXPECT_EQ(request.parts[1].kind, PartKind::image);
}

TEST(LitellmEntry, MayBeInACallbacksLine) {
  EXPECT_EQ(only_request(R"({"kwargs":{"standard_logging_object":)" + flat(payload) + "}}").model, "m");
}

TEST(LitellmEntry, CountsItsOwnCachesHitsAsCached) {
  const AuditedRequest request = only_request(with(R"("cache_hit":null)", R"("cache_hit":true)"));
  EXPECT_EQ(request.cached_tokens, 90u);
}

TEST(LitellmEntry, TellsAFailure) {
  const AuditedRequest request =
      only_request(with(R"("status":"success")", R"("status":"failure","error_information":{"error_code":"429"})"));
  EXPECT_EQ(request.status, 429);
}

TEST(LitellmEntry, PassesOverOtherCalls) {
  const auto read = reading(flat(payload) + "\n" + with("acompletion", "aembedding"), litellm);
  ASSERT_TRUE(read.summary);
  EXPECT_EQ(read.summary->requests, 1u);
  EXPECT_EQ(read.summary->other_entries, 1u);
}

TEST(LitellmEntry, SaysThatMessagesWereTakenOut) {
  const std::string messages =
      R"([{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://e.org/a.png"}}]}])";
  for (const char* redacted : {R"("redacted-by-litellm")", R"([{"role":"user","content":"redacted-by-litellm"}])"}) {
    const auto read = reading(with(messages, redacted), litellm);
    ASSERT_FALSE(read.summary);
    EXPECT_TRUE(read.summary.error().message.contains("turn_off_message_logging")) << read.summary.error().message;
  }
  EXPECT_TRUE(reading(with(messages, "null"), litellm).summary.error().message.contains("has no messages"));
}

}  // namespace
}  // namespace fovea
