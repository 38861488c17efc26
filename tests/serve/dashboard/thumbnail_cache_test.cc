#include "serve/dashboard/thumbnail_cache.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "image/decode.h"
#include "image/encode.h"

namespace fovea::serve {
namespace {

Blob png(std::uint32_t width, std::uint32_t height) {
  const DecodedImage image{width, height, Blob::copy_of(std::string(std::size_t{width} * height * 3, 'x'))};
  return encode_png(image).value_or(Blob());
}

Key key_of(int number) { return KeyBuilder("test/1").field(number).finish(); }

TEST(ThumbnailCache, MakesAThumbnailOnce) {
  ThumbnailCache thumbnails(1 << 20);
  thumbnails.offer("a", key_of(1), png(600, 300));
  const auto first = thumbnails.thumbnail("a", key_of(1));
  ASSERT_TRUE(first);
  const auto image = decode(first->bytes());
  ASSERT_TRUE(image);
  EXPECT_EQ(image->width, 192u);
  EXPECT_EQ(image->height, 96u);
  EXPECT_EQ(thumbnails.thumbnail("a", key_of(1))->bytes().data(), first->bytes().data());
  thumbnails.offer("a", key_of(1), png(600, 300));
  EXPECT_EQ(thumbnails.thumbnail("a", key_of(1))->bytes().data(), first->bytes().data()) << "it was known";
}

TEST(ThumbnailCache, ReleasesTheFileOnceTheThumbnailIsMade) {
  auto file = std::make_shared<Blob>(png(600, 300));
  const std::weak_ptr<Blob> watched = file;
  ThumbnailCache thumbnails(1 << 20);
  thumbnails.offer("a", key_of(1), Blob::sharing(file, file->bytes()));
  file.reset();
  EXPECT_FALSE(watched.expired()) << "kept by reference, not by a copy";
  ASSERT_TRUE(thumbnails.thumbnail("a", key_of(1)));
  EXPECT_TRUE(watched.expired());
}

TEST(ThumbnailCache, EvictsTheLeastRecentlyOffered) {
  const Blob file = png(400, 400);
  ThumbnailCache thumbnails(3 * (file.size() + 1000));
  for (int i = 1; i <= 3; ++i) thumbnails.offer("a", key_of(i), file);
  thumbnails.offer("a", key_of(1), file);
  thumbnails.offer("a", key_of(4), file);
  EXPECT_FALSE(thumbnails.thumbnail("a", key_of(2)));
  EXPECT_TRUE(thumbnails.thumbnail("a", key_of(1)));
  EXPECT_TRUE(thumbnails.thumbnail("a", key_of(4)));
}

TEST(ThumbnailCache, ManyTinyFilesAreBoundedToo) {
  ThumbnailCache thumbnails(100'000);
  const Blob dot = png(1, 1);
  for (int i = 0; i < 1000; ++i) thumbnails.offer("a", key_of(i), dot);
  EXPECT_FALSE(thumbnails.thumbnail("a", key_of(0)));
  EXPECT_FALSE(thumbnails.thumbnail("a", key_of(800)));
  EXPECT_TRUE(thumbnails.thumbnail("a", key_of(999)));
}

TEST(ThumbnailCache, AFileLargerThanTheCacheIsNotKept) {
  ThumbnailCache thumbnails(100);
  thumbnails.offer("a", key_of(1), png(64, 64));
  EXPECT_FALSE(thumbnails.thumbnail("a", key_of(1)));
}

TEST(ThumbnailCache, AFileThatIsNoImageIsTriedOnce) {
  ThumbnailCache thumbnails(1 << 20);
  thumbnails.offer("a", key_of(1), Blob::copy_of("no image at all"));
  EXPECT_EQ(thumbnails.thumbnail("a", key_of(1)).error().fault, Fault::not_found);
  EXPECT_EQ(thumbnails.thumbnail("a", key_of(1)).error().fault, Fault::not_found);
}

TEST(ThumbnailCache, PurgesOneImageOrAllOfATenant) {
  ThumbnailCache thumbnails(1 << 20);
  const Blob file = png(9, 9);
  for (const char* tenant : {"a", "aa", "b"}) {
    for (int i = 1; i <= 3; ++i) thumbnails.offer(tenant, key_of(i), file);
  }
  thumbnails.purge("a", key_of(2));
  EXPECT_TRUE(thumbnails.thumbnail("a", key_of(1)));
  EXPECT_FALSE(thumbnails.thumbnail("a", key_of(2)));
  thumbnails.purge("a");
  for (int i = 1; i <= 3; ++i) {
    EXPECT_FALSE(thumbnails.thumbnail("a", key_of(i)));
    EXPECT_TRUE(thumbnails.thumbnail("aa", key_of(i)));
    EXPECT_TRUE(thumbnails.thumbnail("b", key_of(i)));
  }
}

TEST(ThumbnailCache, ConcurrentCallersDoNotWaitForEachOther) {
  ThumbnailCache thumbnails(1 << 20);
  thumbnails.offer("a", key_of(1), png(500, 500));
  std::vector<Result<Blob>> seen(8, fail(Fault::internal, "not asked"));
  {
    std::vector<std::jthread> threads;
    for (auto& answer : seen) threads.emplace_back([&] { answer = thumbnails.thumbnail("a", key_of(1)); });
  }
  const auto made = thumbnails.thumbnail("a", key_of(1));
  ASSERT_TRUE(made);
  EXPECT_TRUE(std::ranges::any_of(seen, [](const auto& answer) { return answer.has_value(); }));
  for (const auto& answer : seen) EXPECT_TRUE(answer || answer.error().fault == Fault::unavailable);
}

}  // namespace
}  // namespace fovea::serve
