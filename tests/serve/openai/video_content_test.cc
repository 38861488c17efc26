#include "serve/openai/video_content.h"

#include <gtest/gtest.h>

#include <string>

#include "serve/openai/content.h"
#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::body_of;
using test::outcome;

Parsed<ChatRequest> part(const std::string& json, const RequestRules& rules = {}) {
  const JsonObject body = body_of(R"({"content":[)" + json + "]}");
  ChatRequest request;
  request.messages.push_back({"user", {}});
  auto read = read_content(body, "content", rules, request);
  if (!read) return std::unexpected(read.error());
  return request;
}

constexpr std::string_view two_frames = "data:video/jpeg;base64,AAAA,BBBB";

std::string fields_beside(const std::string& fields) {
  return R"({"type":"video_url","video_url":{"url":"data:video/mp4;base64,AAAA")" + fields + "}}";
}

TEST(ReadVideoPart, ReadsEveryFormOfAFile) {
  for (const char* json :
       {R"({"type":"video_url","video_url":{"url":"data:video/mp4;base64,AAAA"}})",
        R"({"type":"video_url","video_url":"data:video/mp4;base64,AAAA"})",
        R"({"type":"input_video","input_video":{"data":"AAAA"}})",
        R"({"type":"input_video","input_video":{"data":"data:video/webm;base64,AAAA"}})",
        R"({"type":"input_video","input_video":{"url":"data:video/mp4;base64,AAAA"}})",
        R"({"type":"input_video","input_video":"AAAA"})", R"({"type":"video","video":"data:video/mp4;base64,AAAA"})"}) {
    const auto request = part(json);
    ASSERT_TRUE(request) << json << request.error().message;
    ASSERT_EQ(request->images.size(), 1u) << json;
    EXPECT_EQ(std::get<Blob>(request->images[0].from).size(), 3u) << json;
    EXPECT_TRUE(request->images[0].video) << json;
    EXPECT_EQ(request->images[0].video->frames_max, 32u);
    ASSERT_EQ(request->messages[0].parts.size(), 1u);
    EXPECT_EQ(std::get<ImageSlot>(request->messages[0].parts[0]), ImageSlot{0});
  }
}

TEST(ReadVideoPart, ReadsAListOfFramesInAnyCaseOfLetters) {
  const auto request = part(R"({"type":"video_url","video_url":{"url":"DATA:VIDEO/JPEG;BASE64,AAAA,BBBB"}})");
  ASSERT_TRUE(request) << outcome(request);
  EXPECT_EQ(request->images.size(), 2u);
}

TEST(ReadVideoPart, ReadsVideosThatAreElsewhere) {
  const auto address = part(R"({"type":"video_url","video_url":{"url":"https://example.org/a.mp4"}})");
  ASSERT_TRUE(address);
  EXPECT_EQ(std::get<ImageUrl>(address->images[0].from).url, "https://example.org/a.mp4");
  for (const char* json : {R"({"type":"video_url","video_url":{"file_id":"file-1"}})",
                           R"({"type":"input_video","input_video":{"file_id":"file-1"}})",
                           R"({"type":"input_video","file_id":"file-1"})"}) {
    const auto file = part(json);
    ASSERT_TRUE(file) << json;
    EXPECT_EQ(std::get<ImageFileId>(file->images[0].from).id, "file-1");
    EXPECT_TRUE(file->images[0].video);
  }
}

TEST(ReadVideoPart, ReadsWhichFramesAreWanted) {
  const auto sampling = [](const std::string& fields) { return part(fields_beside(fields))->images[0].video.value(); };
  EXPECT_EQ(sampling(R"(,"fps":1.5)").fps, 1.5);
  EXPECT_EQ(sampling(R"(,"num_frames":8)").num_frames, 8u);
  EXPECT_EQ(sampling(R"(,"fps":-1,"num_frames":-1)").fps, std::nullopt);
  EXPECT_EQ(sampling(R"(,"fps":-1,"num_frames":-1)").num_frames, std::nullopt);
  const auto qwen = part(R"({"type":"video","video":"data:video/mp4;base64,AAAA","fps":4,"nframes":6})");
  EXPECT_EQ(qwen->images[0].video->fps, 4);
  EXPECT_EQ(qwen->images[0].video->num_frames, 6u);
  EXPECT_EQ(part(fields_beside(""), {.video_frames_max = 5})->images[0].video->frames_max, 5u);
}

TEST(ReadVideoPart, RefusesOtherSamplings) {
  for (const char* field : {"fps", "num_frames"}) {
    for (const char* value : {"0", "-2", "\"2\"", "1e300", "[]"}) {
      const auto refused = part(fields_beside(std::string(",\"") + field + "\":" + value));
      ASSERT_FALSE(refused) << field << " " << value;
      EXPECT_EQ(refused.error().param, std::string("content[0].video_url.") + field);
    }
  }
  EXPECT_FALSE(part(fields_beside(R"(,"num_frames":1.5)")));
}

TEST(ReadVideoPart, ReadsAListOfFrames) {
  const auto list = part(R"({"type":"video","video":["data:image/png;base64,AAAA","https://example.org/b.jpg"]})");
  ASSERT_TRUE(list) << list.error().message;
  ASSERT_EQ(list->images.size(), 2u);
  EXPECT_FALSE(list->images[0].video) << "a frame is an image";
  EXPECT_EQ(list->images[1].where, "content[0].video[1]");
  EXPECT_EQ(list->messages[0].parts.size(), 2u);
  EXPECT_EQ(outcome(part(R"({"type":"video","video":[]})")), "invalid_value content[0].video");
  EXPECT_EQ(outcome(part(R"({"type":"video","video":[1]})")), "invalid_type content[0].video[0]");
  EXPECT_EQ(outcome(part(R"({"type":"video","video":["file:///etc/passwd"]})")),
            "invalid_image_url content[0].video[0]");
}

TEST(ReadVideoPart, ReadsVllmsListOfFrames) {
  const std::string url(two_frames);
  const auto list = part(R"({"type":"video_url","video_url":{"url":")" + url + R"("}})");
  ASSERT_TRUE(list) << list.error().message;
  EXPECT_EQ(list->images.size(), 2u);
  EXPECT_FALSE(list->images[0].video);
  EXPECT_EQ(part(R"({"type":"video_url","video_url":{"num_frames":1,"url":")" + url + R"("}})")->images.size(), 1u);
}

TEST(ReadVideoPart, CountsFramesAsImages) {
  const std::string url(two_frames);
  EXPECT_EQ(outcome(part(R"({"type":"video_url","video_url":")" + url + "\"}", {.images_max = 1})),
            "too_many_images content[0].video_url");
}

TEST(ReadVideoPart, NamesTheFieldThatIsWrong) {
  EXPECT_EQ(outcome(part(R"({"type":"video_url"})")), "invalid_value content[0].url");
  EXPECT_EQ(outcome(part(R"({"type":"video_url","video_url":{}})")), "invalid_value content[0].video_url.url");
  EXPECT_EQ(outcome(part(R"({"type":"video_url","video_url":7})")), "invalid_type content[0].video_url");
  EXPECT_EQ(outcome(part(R"({"type":"video_url","video_url":{"url":7}})")), "invalid_type content[0].video_url.url");
  const auto path = part(R"({"type":"video_url","video_url":{"url":"/home/a.mp4"}})");
  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().code, "invalid_image_url");
  EXPECT_NE(path.error().message.find("data:video/mp4"), std::string::npos) << path.error().message;
  EXPECT_FALSE(part(R"({"type":"input_video","input_video":{"data":"not base64!"}})"));
}

}  // namespace
}  // namespace fovea::serve
