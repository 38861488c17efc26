#include "audit/prompts/picture_history.h"

#include <gtest/gtest.h>

#include "audit/asked.h"

namespace fovea {
namespace {

using test::AskedPicture;

class PictureHistoryTest : public testing::Test {
 protected:
  PictureVerdict see(const AskedPicture& asked, std::uint32_t client = 0, std::uint64_t scope = 1) {
    const AuditedRequest request = test::Asked().user(asked);
    const AuditedPicture& picture = request.pictures.front();
    const std::uint64_t identity = picture.image_hash.value_or(picture.source_hash);
    return history.see(picture, identity, request.parts.front().masked_hash, scope, client);
  }
  PictureHistory history;
};

TEST_F(PictureHistoryTest, TellsFilesAndPixelsApart) {
  EXPECT_FALSE(see({.pixels = "cat"}).again);
  const PictureVerdict same = see({.pixels = "cat"});
  EXPECT_TRUE(same.again);
  EXPECT_TRUE(same.same_file);
  const PictureVerdict other_file = see({.pixels = "cat", .file = "cat.png"});
  EXPECT_TRUE(other_file.again);
  EXPECT_FALSE(other_file.same_file);
  EXPECT_EQ(other_file.number, 0U);
  EXPECT_TRUE(see({.pixels = "cat", .file = "cat.png"}).same_file);
  EXPECT_EQ(see({.pixels = "dog"}).number, 1U);
}

TEST_F(PictureHistoryTest, ScopesShareNothingAndClientsAreToldApart) {
  see({.pixels = "cat"}, 0, 1);
  EXPECT_FALSE(see({.pixels = "cat"}, 0, 2).again);
  const PictureVerdict others = see({.pixels = "cat"}, 5, 1);
  EXPECT_TRUE(others.again);
  EXPECT_FALSE(others.client_had_it);
  EXPECT_TRUE(see({.pixels = "cat"}, 5, 1).client_had_it);
}

TEST_F(PictureHistoryTest, EachDetailIsNewOnce) {
  EXPECT_FALSE(see({.pixels = "cat", .detail = PictureDetail::high}).other_detail);
  EXPECT_TRUE(see({.pixels = "cat", .detail = PictureDetail::low}).other_detail);
  EXPECT_FALSE(see({.pixels = "cat", .detail = PictureDetail::high}).other_detail);
}

TEST_F(PictureHistoryTest, KnowsLikelyCopies) {
  constexpr std::uint64_t look = 0x0f1e2d3c4b5a6978;
  EXPECT_EQ(see({.pixels = "cat", .look = look}).copy, Copy::none);
  EXPECT_EQ(see({.pixels = "cat again", .look = look ^ 3}).copy, Copy::recompressed);
  EXPECT_EQ(see({.pixels = "small cat", .width = 256, .height = 256, .look = look ^ 5}).copy, Copy::resized);
  EXPECT_EQ(see({.pixels = "cat", .look = look}).copy, Copy::none);  // it is no copy, it came again
}

TEST_F(PictureHistoryTest, KnowsAUrlWithAnotherQuery) {
  EXPECT_FALSE(see({.url = "https://a.example/cat.jpg?v=1"}).other_query);
  EXPECT_TRUE(see({.url = "https://a.example/cat.jpg?v=2"}).other_query);
  const PictureVerdict same = see({.url = "https://a.example/cat.jpg?v=1"});
  EXPECT_TRUE(same.again);
  EXPECT_FALSE(same.other_query);
  EXPECT_FALSE(see({.url = "https://a.example/dog.jpg?v=1"}).other_query);
}

}  // namespace
}  // namespace fovea
