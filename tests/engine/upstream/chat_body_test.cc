#include "engine/upstream/chat_body.h"

#include <gtest/gtest.h>

#include "engine/upstream/json_value.h"

namespace fovea {
namespace {

TEST(ChatBody, TextsAndPicturesInTheirPlaces) {
  const std::vector<Message> messages = {{"system", {"Be brief."}},
                                         {"user", {ImageSlot{1}, "or", ImageSlot{0}, "\"which\"?"}}};
  const std::vector<Blob> pictures = {Blob::copy_of(std::string_view("\x89PNG")),
                                      Blob::copy_of(std::string_view("\xFF\xD8\xFF"))};
  const auto body = parse_json(chat_body(messages, pictures, {.model = "m", .max_tokens = 7}));
  ASSERT_TRUE(body);
  EXPECT_EQ(
      to_text((*body)["messages"]),
      R"([{"role":"system","content":"Be brief."},{"role":"user","content":[)"
      R"({"type":"image_url","image_url":{"url":"data:image/jpeg;base64,/9j/"}},{"type":"text","text":"or"},)"
      R"({"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw=="}},{"type":"text","text":"\"which\"?"}]}])");
  EXPECT_EQ(*text_member(*body, "model"), "m");
  EXPECT_EQ(to_text((*body)["max_tokens"]), "7");
  EXPECT_EQ(to_text((*body)["stream_options"]), R"({"include_usage":true})");
}

TEST(ChatBody, WholeAnswersWhereAskedFor) {
  const std::vector<Message> messages = {{"user", {"Hello?"}}};
  const auto body = parse_json(chat_body(messages, {}, {.stream = false}));
  ASSERT_TRUE(body);
  EXPECT_EQ(member(*body, "stream"), nullptr);
  EXPECT_EQ(member(*body, "model"), nullptr);
}

}  // namespace
}  // namespace fovea
