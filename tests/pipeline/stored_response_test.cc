#include "pipeline/stored_response.h"

#include <gtest/gtest.h>

#include <string>

namespace fovea {
namespace {

TEST(StoredResponse, ComesBackAsItWas) {
  const Key image = KeyBuilder("image").finish();
  const StoredResponse response{"a red circle", 70, 4, FinishReason::length, 1.7e9, {image, image}};
  const auto back = StoredResponse::from_blob(response.to_blob());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->text, "a red circle");
  EXPECT_EQ(back->prompt_tokens, 70);
  EXPECT_EQ(back->answer_tokens, 4);
  EXPECT_EQ(back->finish_reason, FinishReason::length);
  EXPECT_EQ(back->made_unix_s, 1.7e9);
  EXPECT_EQ(back->image_keys, response.image_keys);
  EXPECT_EQ(StoredResponse::from_blob(StoredResponse{}.to_blob())->text, "");
}

TEST(StoredResponse, Incident17OtherBytesAreNoResponse) {
  const std::string whole(StoredResponse{"x", 1, 1, FinishReason::stop}.to_blob().text());
  for (std::size_t length = 0; length + 1 < whole.size(); ++length) {
    EXPECT_FALSE(StoredResponse::from_blob(Blob::copy_of(whole.substr(0, length)))) << length;
  }
  std::string negative = whole, unknown = whole, images = whole;
  images[12] = 1;  // more than there are bytes for
  negative[3] = '\xFF';
  unknown[8] = 2;
  EXPECT_FALSE(StoredResponse::from_blob(Blob::copy_of(negative)));
  EXPECT_FALSE(StoredResponse::from_blob(Blob::copy_of(unknown)));
  EXPECT_FALSE(StoredResponse::from_blob(Blob::copy_of(images)));
}

}  // namespace
}  // namespace fovea
