#include "serve/openai/content.h"

#include <gtest/gtest.h>

#include <string>

#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::body_of;
using test::outcome;

// What the content of this message, the second of a request, says.
Parsed<ChatRequest> message(const std::string& json, const RequestRules& rules = {}) {
  ChatRequest request{.messages = {Message{.role = "user"}}};
  auto read = read_content(JsonObject::of(*body_of("{\"m\":" + json + "}").find("m"), "messages[1]").value(), "content",
                           rules, request);
  if (!read) return std::unexpected(read.error());
  return request;
}

Parsed<ChatRequest> part(const std::string& json, const RequestRules& rules = {}) {
  return message(R"({"role":"user","content":[)" + json + "]}", rules);
}

TEST(ReadContent, WantsContent) {
  EXPECT_EQ(outcome(message(R"({"role":"user"})")), "invalid_value messages[1].content");
  EXPECT_EQ(outcome(message(R"({"role":"user","content":null})")), "invalid_value messages[1].content");
  EXPECT_EQ(outcome(message(R"({"role":"user","content":{}})")), "invalid_type messages[1].content");
  EXPECT_EQ(outcome(part(R"("text")")), "invalid_type messages[1].content[0]");
  EXPECT_EQ(outcome(part(R"({"type":"text"})")), "invalid_value messages[1].content[0].text");
  EXPECT_EQ(outcome(part(R"({"type":"text","text":1})")), "invalid_type messages[1].content[0].text");
  EXPECT_EQ(outcome(part(R"({"text":"a"})")), "missing_required_parameter messages[1].content[0].type");
  EXPECT_EQ(outcome(part(R"({"type":"input_audio"})")), "unsupported_value messages[1].content[0].type");
  EXPECT_EQ(outcome(part(R"({"type":[]})")), "invalid_type messages[1].content[0].type");
}

TEST(ReadContent, KeepsTextAndPicturesInTheirOrder) {
  const auto request = part(R"({"type":"text","text":"a"},
      {"type":"image_url","image_url":{"url":"https://example.com/1.png","detail":"low"}},
      {"type":"input_text","text":"b"},
      {"type":"file","file":{"file_id":"file-2"}},
      {"type":"input_image","image_url":"http://example.com/3.png","detail":"auto"},
      {"type":"input_image","file_id":"file-4"},
      {"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD"}},
      {"type":"output_text","text":"c"})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->messages[0].parts, (std::vector<PromptPart>{"a", ImageSlot{0}, "b", ImageSlot{1}, ImageSlot{2},
                                                                 ImageSlot{3}, ImageSlot{4}, "c"}));
  const auto& pictures = request->images;
  ASSERT_EQ(pictures.size(), 5U);
  EXPECT_EQ(std::get<ImageUrl>(pictures[0].from).url, "https://example.com/1.png");
  EXPECT_EQ(std::get<ImageFileId>(pictures[1].from).id, "file-2");
  EXPECT_EQ(std::get<ImageUrl>(pictures[2].from).url, "http://example.com/3.png");
  EXPECT_EQ(std::get<ImageFileId>(pictures[3].from).id, "file-4");
  EXPECT_EQ(std::get<Blob>(pictures[4].from).text(), "ABC");
}

TEST(ReadContent, TextBehindTextBeginsALine) {
  const auto request = part(R"({"type":"text","text":"a"},{"type":"text","text":"b"},
      {"type":"image_url","image_url":{"url":"data:;base64,QUJD"}},{"type":"text","text":""},
      {"type":"text","text":"c"},{"type":"text","text":"d"})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->messages[0].parts, (std::vector<PromptPart>{"a\nb", ImageSlot{0}, "c\nd"}));
}

TEST(ReadContent, RemembersWhereEachPictureCame) {
  const auto request = part(R"({"type":"text","text":"a"},
      {"type":"image_url","image_url":{"url":"data:;base64,QUJD"}},
      {"type":"file","file":{"file_id":"f"}},
      {"type":"input_image","image_url":"http://example.com/"})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->images[0].where, "messages[1].content[1].image_url.url");
  EXPECT_EQ(request->images[1].where, "messages[1].content[2].file.file_id");
  EXPECT_EQ(request->images[2].where, "messages[1].content[3].image_url");
}

TEST(ReadContent, RefusesPicturesByTheirPlace) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"type":"image_url"})", "invalid_value messages[1].content[0].image_url"},
      {R"({"type":"image_url","image_url":[]})", "invalid_type messages[1].content[0].image_url"},
      {R"({"type":"image_url","image_url":"file:///etc/passwd"})",
       "invalid_image_url messages[1].content[0].image_url"},
      {R"({"type":"image_url","image_url":{}})", "invalid_value messages[1].content[0].image_url.url"},
      {R"({"type":"image_url","image_url":{"url":1}})", "invalid_type messages[1].content[0].image_url.url"},
      {R"({"type":"image_url","image_url":{"url":"data:image/png;base64,Q!JD"}})",
       "invalid_value messages[1].content[0].image_url.url"},
      {R"({"type":"image_url","image_url":{"url":"file:///etc/passwd"}})",
       "invalid_image_url messages[1].content[0].image_url.url"},
      {R"({"type":"image_url","image_url":{"url":""}})", "invalid_image_url messages[1].content[0].image_url.url"},
      {R"({"type":"image_url","image_url":{"url":"http://a/","detail":"most"}})",
       "invalid_value messages[1].content[0].image_url.detail"},
      {R"({"type":"input_image"})", "invalid_value messages[1].content[0].file_id"},
      {R"({"type":"input_image","image_url":{"url":"http://a/"}})", "invalid_type messages[1].content[0].image_url"},
      {R"({"type":"input_image","image_url":"http://a/","detail":2})", "invalid_type messages[1].content[0].detail"},
      {R"({"type":"file"})", "invalid_value messages[1].content[0].file"},
      {R"({"type":"file","file":{"file_data":"data:;base64,QUJD"}})",
       "invalid_value messages[1].content[0].file.file_id"},
  };
  for (const auto& [json, expected] : cases) EXPECT_EQ(outcome(part(json)), expected) << json;
}

TEST(ReadContent, TakesAnAddressInPlaceOfTheObjectThatHasIt) {
  const auto request = part(R"({"type":"image_url","image_url":"data:image/png;base64,QUJD"},
      {"type":"image_url","image_url":"https://example.com/2.png"})");
  ASSERT_TRUE(request);
  EXPECT_EQ(std::get<Blob>(request->images[0].from).text(), "ABC");
  EXPECT_EQ(std::get<ImageUrl>(request->images[1].from).url, "https://example.com/2.png");
  EXPECT_EQ(request->images[1].where, "messages[1].content[1].image_url");
}

TEST(ReadContent, ARefusalIsWhatWasSaid) {
  const auto request = part(R"({"type":"refusal","refusal":"I would rather not."})");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->messages[0].parts, std::vector<PromptPart>{"I would rather not."});
  EXPECT_EQ(outcome(part(R"({"type":"refusal"})")), "invalid_value messages[1].content[0].refusal");
}

TEST(ReadContent, RefusesPicturesThatAreTooLarge) {
  const std::string picture = R"({"type":"image_url","image_url":{"url":"data:;base64,QUJDRA=="}})";  // 4 bytes
  EXPECT_TRUE(part(picture, {.image_bytes_max = 4}));
  const auto refused = part(picture, {.image_bytes_max = 3});
  EXPECT_EQ(outcome(refused), "too_large messages[1].content[0].image_url.url");
  EXPECT_EQ(refused.error().status, 413);
}

TEST(ReadContent, RefusesTooManyPicturesAtTheFirstTooMany) {
  const std::string picture = R"({"type":"file","file":{"file_id":"f"}})";
  const RequestRules two{.images_max = 2};
  EXPECT_TRUE(part(picture + "," + picture, two));
  EXPECT_EQ(outcome(part(picture + "," + picture + "," + picture + "," + picture, two)),
            "too_many_images messages[1].content[2].file.file_id");
}

}  // namespace
}  // namespace fovea::serve
