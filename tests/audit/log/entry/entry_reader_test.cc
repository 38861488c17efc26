#include "audit/log/entry/entry_reader.h"

#include "audit/log/log_reading.h"

namespace fovea {
namespace {

using test::only_request;
using test::reading;

const LogOptions requests = test::as(LogFormat::requests);
const std::string body = R"({"model":"m","messages":[{"role":"user","content":"What?"}]})";

AuditedRequest of(const std::string& entry) { return only_request(entry, requests); }

std::string quoted(const std::string& json) {
  std::string text = "\"";
  for (const char c : json) text += c == '"' ? "\\\"" : std::string(1, c);
  return text + "\"";
}

TEST(EntryReader, FindsTheBodyWhereverItLies) {
  const std::uint64_t hash = of(body).parts.at(0).hash;
  for (const std::string& entry :
       {R"({"timestamp":1796000000,"body":)" + body + "}", R"({"request":)" + body + R"(,"response":{}})",
        R"({"custom_id":"1","method":"POST","url":"/v1/chat/completions","body":)" + body + "}",
        R"({"request":{"method":"POST","url":"/v1/x","body":)" + quoted(body) + "}}",
        R"({"reqPayload":)" + quoted(body) + R"(,"requestedAt":1796000000000})"})
    EXPECT_EQ(of(entry).parts.at(0).hash, hash) << entry;
}

TEST(EntryReader, TellsTheFactsBesideIt) {
  const AuditedRequest request =
      of(R"({"timestamp":"2026-11-30T05:00:00Z","client":"shop","api_key":"sk-123456789012345",
      "url":"https://e.org/v1/chat/completions?k=1","latency_ms":250.5,"ttft_ms":90,"body":)" +
         body + R"(,
      "response":{"status_code":429,"body":{"usage":{"prompt_tokens":90,"completion_tokens":7,
                                                     "prompt_tokens_details":{"cached_tokens":64}}}}})");
  EXPECT_EQ(request.time_ms, 1796014800000);
  EXPECT_EQ(request.client, "shop");
  EXPECT_EQ(request.route, "/v1/chat/completions");
  EXPECT_EQ(request.duration_ms, 250.5);
  EXPECT_EQ(request.first_token_ms, 90);
  EXPECT_EQ(request.status, 429);
  EXPECT_EQ(request.prompt_tokens, 90u);
  EXPECT_EQ(request.cached_tokens, 64u);
  EXPECT_EQ(request.answer_tokens, 7u);
}

TEST(EntryReader, HashesApiKeys) {
  const std::string client = of(R"({"api_key":"sk-123456789012345","body":)" + body + "}").client;
  EXPECT_TRUE(client.starts_with("key:"));
  EXPECT_FALSE(client.contains("sk-"));
}

TEST(EntryReader, TakesTheDurationFromTwoTimes) {
  EXPECT_EQ(of(R"({"start_time":1796000000.5,"end_time":1796000001,"body":)" + body + "}").duration_ms, 500);
  EXPECT_FALSE(of(R"({"start_time":1796000000.5,"latency":3,"body":)" + body + "}").duration_ms) << "of what unit?";
}

TEST(EntryReader, AddsUpWhatAnthropicCountsApart) {
  const AuditedRequest request = of(R"({"request":)" + body + R"(,"response":{"usage":{"input_tokens":10,
      "cache_read_input_tokens":100,"cache_creation_input_tokens":5,"output_tokens":3}}})");
  EXPECT_EQ(request.prompt_tokens, 115u);
  EXPECT_EQ(request.cached_tokens, 100u);
  EXPECT_EQ(request.answer_tokens, 3u);
}

TEST(EntryReader, ReadsARequestWithItsReplyBesideIt) {
  const AuditedRequest bare = of(body), with_reply = of(R"({"model":"m","messages":[{"role":"user","content":"What?"}],
      "id":"x","timestamp":1796000000,"usage":{"prompt_tokens":9,"completion_tokens":1}})");
  EXPECT_EQ(bare.settings_hash, with_reply.settings_hash);
  EXPECT_EQ(with_reply.prompt_tokens, 9u);
}

TEST(EntryReader, CountsWhatIsNoRequest) {
  const auto read = reading(
      body + "\n{\"a\":1}\nnot json\n" + R"({"method":"GET","url":"/metrics","body":""})" + "\n\n[1]\n", requests);
  ASSERT_TRUE(read.summary);
  EXPECT_EQ(read.summary->requests, 1u);
  EXPECT_EQ(read.summary->bad_entries, 3u);
  EXPECT_EQ(read.summary->other_entries, 1u);
  EXPECT_TRUE(read.summary->first_bad.starts_with("log:2: no request is in it"));
}

}  // namespace
}  // namespace fovea
