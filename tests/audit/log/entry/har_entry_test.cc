#include "audit/log/entry/har_entry.h"

#include "audit/log/log_reading.h"

namespace fovea {
namespace {

using test::reading;

TEST(HarEntry, IsARequestIfAModelWasAsked) {
  const auto read = reading(R"({"log": {"version": "1.2", "creator": {"name": "x"}, "entries": [
    {"startedDateTime": "2026-11-30T05:00:00.5Z", "time": 812.5,
     "request": {"method": "POST", "url": "https://api.example.org/v1/chat/completions?k=1",
       "headers": [{"name": "Accept", "value": "*/*"}, {"name": "Authorization", "value": "Bearer sk-secret-secret-secret"}],
       "postData": {"mimeType": "application/json",
         "text": "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"What?\"}]}"}},
     "response": {"status": 200, "content": {"text": "{\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":3}}"}}},
    {"request": {"method": "GET", "url": "https://example.org/logo.png"}, "response": {"status": 200}},
    {"request": {"method": "POST", "url": "https://example.org/form", "postData": {"text": "a=b"}}},
    {"comment": "nothing"}]}})");
  ASSERT_TRUE(read.summary) << read.summary.error().message;
  EXPECT_EQ(read.summary->format, LogFormat::har);
  EXPECT_EQ(read.summary->other_entries, 2u);
  EXPECT_EQ(read.summary->first_bad, "log: entry 4: it has no request");
  ASSERT_EQ(read.requests.size(), 1u);
  const AuditedRequest& request = read.requests[0];
  EXPECT_EQ(request.time_ms, 1796014800500);
  EXPECT_EQ(request.duration_ms, 812.5);
  EXPECT_EQ(request.status, 200);
  EXPECT_EQ(request.route, "/v1/chat/completions");
  EXPECT_TRUE(request.client.starts_with("key:"));
  EXPECT_EQ(request.prompt_tokens, 12u);
  EXPECT_EQ(request.answer_tokens, 3u);
}

}  // namespace
}  // namespace fovea
