#include "pipeline/levels/stored_response.h"

#include <gtest/gtest.h>

#include <string>

namespace fovea {
namespace {

Blob payload_of(const StoredResponse& response) { return Blob::copy_of(response.payload().written()); }

TEST(StoredResponse, ComesBackAsItWas) {
  const Key image = KeyBuilder("image").finish();
  const StoredResponse response{"a red circle", 70, 60, 4, FinishReason::length, {image, image}, "\n"};
  const auto back = StoredResponse::from_payload(payload_of(response));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->text, "a red circle");
  EXPECT_EQ(back->prompt_tokens, 70);
  EXPECT_EQ(back->image_tokens, 60);
  EXPECT_EQ(back->answer_tokens, 4);
  EXPECT_EQ(back->finish_reason, FinishReason::length);
  EXPECT_EQ(back->image_keys, response.image_keys);
  EXPECT_EQ(back->stop, "\n");
  EXPECT_EQ(StoredResponse::from_payload(payload_of({}))->text, "");
}

TEST(StoredResponse, Incident17OtherBytesAreNoResponse) {
  const std::string whole(payload_of({"x", 1, 1, 1, FinishReason::stop, {}, "."}).text());
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(StoredResponse::from_payload(Blob::copy_of(whole.substr(0, length)))) << length;
  std::string negative = whole, of_none = whole, unknown = whole, images = whole;
  negative[3] = '\xFF';
  of_none[4] = 2;  // more of images than in all
  unknown[12] = 2;
  images[16] = 1;  // more than there are bytes for
  for (const std::string& bytes : {negative, of_none, unknown, images, whole + "y"})
    EXPECT_FALSE(StoredResponse::from_payload(Blob::copy_of(bytes)));
}

}  // namespace
}  // namespace fovea
