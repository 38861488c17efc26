#include "audit/spoilers/request_spoilers.h"

#include <gtest/gtest.h>

#include <map>

#include "audit/spoilers/seen_spoilers.h"

namespace fovea {
namespace {

using test::Asked;
using test::AskedPicture;

std::map<SpoilerKind, Spoiler> by_kind(const test::SeenSpoilers& seen) {
  std::map<SpoilerKind, Spoiler> kinds;
  for (const Spoiler& spoiler : seen.found()) kinds[spoiler.kind] = spoiler;
  return kinds;
}

TEST(RequestSpoilers, CopiesOfPictures) {
  constexpr std::uint64_t look = 0x0f1e2d3c4b5a6978;
  test::SeenSpoilers seen(see_picture_copies);
  seen.see(Asked().user({.pixels = "cat", .file = "0.png", .look = look}));
  for (int i = 1; i <= 3; ++i) {
    const std::string n = std::to_string(i);
    seen.see(Asked().user({.pixels = "cat", .file = n + ".png", .look = look}));
    seen.see(Asked().user({.pixels = "cat, jpeg " + n, .look = look ^ static_cast<std::uint64_t>(i)}));
    seen.see(Asked().user({.pixels = "cat, small " + n,
                           .width = 200U + static_cast<std::uint32_t>(i),
                           .height = 200U + static_cast<std::uint32_t>(i),
                           .look = look ^ (static_cast<std::uint64_t>(i) << 20)}));
    seen.see(Asked().user({.pixels = {}, .url = "https://a.example/cat.jpg?" + n}));
  }
  for (const PictureDetail detail : {PictureDetail::low, PictureDetail::high, PictureDetail::automatic})
    seen.see(Asked().user({.pixels = "cat", .file = "0.png", .look = look, .detail = detail}));
  const auto kinds = by_kind(seen);
  EXPECT_EQ(kinds.at(SpoilerKind::reencoded_picture).requests, 3U);
  EXPECT_DOUBLE_EQ(kinds.at(SpoilerKind::reencoded_picture).ms, 3 * 5);  // it is opened, and found by its pixels
  EXPECT_TRUE(kinds.at(SpoilerKind::reencoded_picture).sure);
  EXPECT_EQ(kinds.at(SpoilerKind::similar_picture).requests, 3U);
  EXPECT_FALSE(kinds.at(SpoilerKind::similar_picture).sure);
  EXPECT_GT(kinds.at(SpoilerKind::similar_picture).ms, 3 * 4000);  // it is encoded
  EXPECT_EQ(kinds.at(SpoilerKind::resized_picture).requests, 3U);
  EXPECT_EQ(kinds.at(SpoilerKind::changing_url).requests, 2U);
  EXPECT_EQ(kinds.at(SpoilerKind::changing_detail).requests, 3U);
}

TEST(RequestSpoilers, RepeatsThatCannotBeStored) {
  test::SeenSpoilers seen(see_unstored_repeat);
  for (int i = 0; i < 4; ++i) {
    seen.see(Asked("sampled").user("tell a joke").sampled().usage(100, 50));
    seen.see(Asked("seeds").user("what is it?").settings(static_cast<std::uint64_t>(i)).usage(100, 50));
    seen.see(Asked("well").user("which colour?").usage(100, 50));
  }
  const auto kinds = by_kind(seen);
  ASSERT_EQ(kinds.size(), 2U);
  EXPECT_EQ(kinds.at(SpoilerKind::sampled_repeat).requests, 3U);
  EXPECT_EQ(kinds.at(SpoilerKind::sampled_repeat).client, "sampled");
  EXPECT_EQ(kinds.at(SpoilerKind::changing_settings).requests, 3U);
  EXPECT_EQ(kinds.at(SpoilerKind::changing_settings).client, "seeds");
  EXPECT_GE(kinds.at(SpoilerKind::sampled_repeat).ms, 3 * 50 * 10);  // at least the answers' tokens
}

}  // namespace
}  // namespace fovea
