#include "audit/log/entry/request_body.h"

#include <algorithm>

#include "audit/log/log_reading.h"

namespace fovea {
namespace {

using test::only_request;
using test::png_url;
using test::ramp;
using test::reading;

const LogOptions requests = test::as(LogFormat::requests);

AuditedRequest of(const std::string& body) { return only_request(body, requests); }

// "system:text user:image ...", in order.
std::string outline(const AuditedRequest& request) {
  constexpr std::string_view roles[] = {"system", "user", "assistant", "tool", "tools"};
  constexpr std::string_view kinds[] = {"text", "image", "other"};
  std::string text;
  for (const AuditedPart& part : request.parts) {
    if (!text.empty()) text += ' ';
    text += std::string(roles[static_cast<int>(part.role)]) + ":" + std::string(kinds[static_cast<int>(part.kind)]);
  }
  return text;
}

TEST(RequestBody, OfChatCompletions) {
  const AuditedRequest request = of(R"({"model": "m", "temperature": 0, "user": "shop", "messages": [
    {"role": "developer", "content": "Be brief."},
    {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "https://e.org/a.png", "detail": "low"}},
                                 {"type": "text", "text": "What?"}, {"type": "input_audio", "input_audio": {"data": ""}}]},
    {"role": "assistant", "content": null, "tool_calls": [{"id": "c1", "type": "function",
                                                           "function": {"name": "look", "arguments": "{}"}}]},
    {"role": "tool", "tool_call_id": "c1", "content": "a cat"}],
    "tools": [{"type": "function", "function": {"name": "look"}}, {"type": "function", "function": {"name": "ask"}}]})");
  EXPECT_EQ(outline(request),
            "tools:text tools:text system:text user:image user:text user:other assistant:text tool:text");
  EXPECT_EQ(request.model, "m");
  EXPECT_EQ(request.client, "shop");
  EXPECT_EQ(request.route, "/v1/chat/completions");
  EXPECT_TRUE(request.deterministic);
  EXPECT_EQ(request.pictures[0].detail, PictureDetail::low);
  EXPECT_EQ(request.parts[2].message, 0u);
  EXPECT_EQ(request.parts[7].message, 3u);
}

TEST(RequestBody, OfResponses) {
  const AuditedRequest request = of(R"({"model": "m", "instructions": "Be brief.", "input": [
    {"role": "user", "content": [{"type": "input_text", "text": "What?"},
                                 {"type": "input_image", "image_url": "https://e.org/a.png", "detail": "high"},
                                 {"type": "input_image", "file_id": "file-1"}]},
    {"type": "reasoning", "summary": []},
    {"type": "function_call", "call_id": "c", "name": "look", "arguments": "{}"},
    {"type": "computer_call_output", "call_id": "c", "output": {"type": "computer_screenshot", "image_url": "https://e.org/b.png"}},
    {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "A cat."}]}]})");
  EXPECT_EQ(outline(request), "system:text user:text user:image user:image assistant:text tool:image assistant:text");
  EXPECT_EQ(request.route, "/v1/responses");
  EXPECT_FALSE(request.deterministic);
  EXPECT_EQ(request.pictures[0].detail, PictureDetail::high);
  EXPECT_EQ(outline(of(R"({"model": "m", "input": "What?"})")), "user:text");
}

TEST(RequestBody, OfMessages) {
  const std::string url = png_url(ramp(60, 40));
  const std::string data = url.substr(url.find(',') + 1);
  const AuditedRequest request = of(R"({"model": "claude-x", "max_tokens": 9, "metadata": {"user_id": "u1"}, "system": [
    {"type": "text", "text": "Be brief."}], "messages": [
    {"role": "user", "content": [{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": ")" +
                                    data + R"("}}, {"type": "text", "text": "What?"}]},
    {"role": "assistant", "content": [{"type": "thinking", "thinking": "hm"}, {"type": "tool_use", "id": "t", "name": "look", "input": {}}]},
    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": [
        {"type": "image", "source": {"type": "url", "url": "https://e.org/a.png"}}]}, {"type": "text", "text": "So?"}]}]})");
  EXPECT_EQ(outline(request), "system:text user:image user:text assistant:text tool:image user:text");
  EXPECT_EQ(request.route, "/v1/messages");
  EXPECT_EQ(request.client, "u1");
  EXPECT_EQ(request.pictures[0].width, 60u);
  EXPECT_EQ(
      request.pictures[0].source_hash,
      of(R"({"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":")" + url + R"("}]}]})")
          .pictures[0]
          .source_hash)
      << "the same file in another API";
}

TEST(RequestBody, OfCompletions) {
  EXPECT_EQ(outline(of(R"({"model": "m", "prompt": "Once"})")), "user:text");
  EXPECT_EQ(outline(of(R"({"model": "m", "prompt": ["Once", "Twice"]})")), "user:text user:text");
  EXPECT_EQ(outline(of(R"({"model": "m", "prompt": [1, 2, 3]})")), "user:other");
}

std::uint64_t settings_of(const std::string& fields) {
  return of(R"({"model": "m", "messages": [{"role": "user", "content": "x"}])" + fields + "}").settings_hash;
}

TEST(RequestBody, HasSettingsThatChangeTheAnswer) {
  const std::uint64_t none = settings_of("");
  EXPECT_NE(settings_of(R"(, "temperature": 0.5)"), none);
  EXPECT_EQ(settings_of(R"(, "temperature": 0)"), settings_of(R"(, "temperature": 0.0)"));
  EXPECT_EQ(settings_of(R"(, "temperature": 1, "top_p": 0.5)"), settings_of(R"(, "top_p": 0.5, "temperature": 1)"));
  EXPECT_NE(settings_of(R"(, "temperature": 1, "top_p": 0.5)"), settings_of(R"(, "top_p": 1, "temperature": 0.5)"));
  EXPECT_NE(settings_of(R"(, "response_format": {"type": "json_object"})"), none);
  for (const char* field :
       {R"(, "stream": true)", R"(, "user": "u")", R"(, "id": "x1")", R"(, "timestamp": 5)", R"(, "seed": null)"})
    EXPECT_EQ(settings_of(field), none) << field;
}

TEST(RequestBody, IsDeterministicWithASeedOrWithoutTemperature) {
  const auto deterministic = [](const std::string& fields) {
    return of(R"({"model": "m", "messages": [{"role": "user", "content": "x"}])" + fields + "}").deterministic;
  };
  EXPECT_TRUE(deterministic(R"(, "temperature": 0)"));
  EXPECT_TRUE(deterministic(R"(, "seed": 7)"));
  EXPECT_FALSE(deterministic(R"(, "seed": -1)"));
  EXPECT_FALSE(deterministic(R"(, "temperature": 0.1)"));
  EXPECT_FALSE(deterministic(""));
}

TEST(RequestBody, TakesOddThingsForOtherParts) {
  const AuditedRequest request = of(R"({"model": "m", "messages": [7, "said", {"role": "user", "content": [
    {"type": "file", "file": {"file_id": "f"}}, {"text": "untyped"}, {"type": "image_url"}, {"type": "hologram"}, 5]}]})");
  EXPECT_EQ(outline(request), "user:other user:text user:other user:text user:other user:other user:other");
}

TEST(RequestBody, IsBounded) {
  std::string parts;
  for (std::size_t i = 0; i <= pictures_max; ++i)
    parts += std::string(i == 0 ? "" : ",") + R"({"type":"image_url","image_url":"https://e.org/a"})";
  const auto read = reading(R"({"model":"m","messages":[{"role":"user","content":[)" + parts + "]}]}", requests);
  ASSERT_FALSE(read.summary);
  EXPECT_TRUE(read.summary.error().message.contains("more than 65536 parts or 4096 pictures"))
      << read.summary.error().message;
}

}  // namespace
}  // namespace fovea
