#include "serve/relay/relayed_image.h"

#include <gtest/gtest.h>

#include <string>

#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::body_of;

const Blob gif = Blob::copy_of("GIF89a");

std::string inside(RelayedApi api, const std::string& part) { return inline_image(api, body_of(part), gif); }

TEST(RelayedImage, IsToldByItsType) {
  for (const char* part :
       {R"({"type":"image_url","image_url":"data:,"})", R"({"type":"input_image","file_id":"f"})",
        R"({"type":"file","file":{"file_id":"f"}})", R"({"type":"image","source":{"type":"url","url":"u"}})",
        R"({"type":"video_url","video_url":{"file_id":"f"}})", R"({"type":"input_video","file_id":"f"})"})
    EXPECT_TRUE(is_relayed_image(body_of(part))) << part;
  for (const char* part : {"{}", R"({"type":7})", R"({"type":"text"})", R"({"type":"file","file":{"file_data":"d"}})",
                           R"({"type":"file"})", R"({"type":"image"})", R"({"type":"image","source":{"type":"other"}})",
                           R"({"type":"video_url"})", R"({"type":"video_url","video_url":{"url":"data:,"}})",
                           R"({"type":"video","video":["data:,"]})"})
    EXPECT_FALSE(is_relayed_image(body_of(part))) << part;
}

TEST(RelayedImage, IsReadFromEveryForm) {
  const auto read = [](const std::string& part) { return read_relayed_image(body_of(part), {}); };
  EXPECT_EQ(std::get<Blob>(read(R"({"type":"image_url","image_url":"data:;base64,R0lGODlh"})")->from).text(), "GIF89a");
  EXPECT_EQ(std::get<Blob>(read(R"({"type":"image","source":{"type":"base64","data":"R0lGODlh"}})")->from).text(),
            "GIF89a");
  EXPECT_EQ(std::get<ImageUrl>(read(R"({"type":"image","source":{"type":"url","url":"https://a.b/c"}})")->from).url,
            "https://a.b/c");
  EXPECT_EQ(std::get<ImageFileId>(read(R"({"type":"image","source":{"type":"file","file_id":"f"}})")->from).id, "f");
  EXPECT_FALSE(read(R"({"type":"image","source":{"type":"base64"}})"));
  EXPECT_FALSE(read(R"({"type":"image","source":{"type":"base64","data":"!"}})"));
}

TEST(RelayedImage, TellsWhatStandsBesideIt) {
  const auto beside = [](const std::string& part) {
    const auto [of_image, of_part] = beside_image(body_of(part));
    return of_image + of_part;
  };
  EXPECT_EQ(beside(R"({"type":"image_url","image_url":"data:,"})"), "{}{}") << "an address in place of the object";
  EXPECT_EQ(beside(R"({"type":"image_url","image_url":{"url":"u","detail":"low"},"a":1})"),
            R"({"detail":"low"}{"a":1})");
  EXPECT_EQ(beside(R"({"type":"input_image","image_url":"u","detail":"low","a":1})"), R"({"detail":"low"}{"a":1})");
  EXPECT_EQ(
      beside(
          R"({"type":"image","source":{"type":"base64","media_type":"m","data":"d","b":2},"cache_control":{"type":"ephemeral"}})"),
      R"({"b":2}{"cache_control":{"type":"ephemeral"}})");
}

TEST(RelayedImage, IsPutInsideAsTheApiWritesIt) {
  const std::string url = R"("data:image/gif;base64,R0lGODlh")";
  EXPECT_EQ(inside(RelayedApi::chat, R"({"type":"file","file":{"file_id":"f","detail":"low"},"a":1})"),
            R"({"type":"image_url","image_url":{"url":)" + url + R"(,"detail":"low"},"a":1})");
  EXPECT_EQ(inside(RelayedApi::chat, R"({"type":"input_image","file_id":"f"})"),
            R"({"type":"image_url","image_url":{"url":)" + url + "}}");
  EXPECT_EQ(inside(RelayedApi::responses, R"({"type":"input_image","file_id":"f","detail":"low"})"),
            R"({"type":"input_image","image_url":)" + url + R"(,"detail":"low"})");
  EXPECT_EQ(inside(RelayedApi::messages, R"({"type":"image","source":{"type":"file","file_id":"f"},"a":1})"),
            R"({"type":"image","source":{"type":"base64","media_type":"image/gif","data":"R0lGODlh"},"a":1})");
}

TEST(RelayedImage, AnUploadedVideoIsPutInsideToo) {
  const Blob flv = Blob::copy_of("FLV\1\1");
  const auto in_chat = [&](const std::string& part) { return inline_image(RelayedApi::chat, body_of(part), flv); };
  const std::string url = R"("url":"data:video/x-flv;base64,RkxWAQE=")";
  EXPECT_EQ(in_chat(R"({"type":"video_url","video_url":{"file_id":"f","fps":1},"num_frames":2})"),
            R"({"type":"video_url","video_url":{)" + url + R"(,"fps":1},"num_frames":2})");
  EXPECT_EQ(in_chat(R"({"type":"video","file_id":"f"})"), R"({"type":"video_url","video_url":{)" + url + "}}");
  EXPECT_EQ(in_chat(R"({"type":"file","file":{"file_id":"f"}})"), R"({"type":"video_url","video_url":{)" + url + "}}");
  EXPECT_EQ(in_chat(R"({"type":"input_video","input_video":{"file_id":"f"}})"),
            R"({"type":"input_video","input_video":{"data":"RkxWAQE="}})");
  EXPECT_FALSE(read_relayed_image(body_of(R"({"type":"video_url","video_url":{"file_id":7}})"), {}));
}

}  // namespace
}  // namespace fovea::serve
