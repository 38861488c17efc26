#include "audit/log/content/picture_pixels.h"

#include <bit>
#include <vector>

#include "audit/log/log_reading.h"
#include "image/decode.h"

namespace fovea {
namespace {

using test::ramp;

DecodedImage plain(std::uint32_t width, std::uint32_t height) {
  const auto fill = [](std::span<std::byte> out) { std::ranges::fill(out, std::byte{200}); };
  return {width, height, Blob::filled(std::size_t{width} * height * image_channels, fill)};
}

int apart(const DecodedImage& a, const DecodedImage& b) { return std::popcount(*picture_look(a) ^ *picture_look(b)); }

TEST(PictureLook, IsNearlyTheSameForCopies) {
  const DecodedImage picture = ramp(300, 200);
  const auto worse = decode(encode_jpeg(picture, 60)->bytes());
  ASSERT_TRUE(worse);
  EXPECT_NE(image_key(*worse), image_key(picture));
  EXPECT_LE(apart(picture, *worse), 6);
  EXPECT_LE(apart(picture, ramp(150, 100)), 6);
}

TEST(PictureLook, DiffersBetweenPictures) {
  const auto fill = [](std::span<std::byte> out) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::byte>((out.size() - i) * 255 / out.size());
  };
  const DecodedImage falling{90, 80, Blob::filled(std::size_t{90} * 80 * image_channels, fill)};
  EXPECT_GT(apart(ramp(90, 80), falling), 20);
}

TEST(PictureLook, IsNoneOfPicturesThatShowNothing) {
  EXPECT_FALSE(picture_look(plain(100, 100)));
  EXPECT_FALSE(picture_look(ramp(4, 4))) << "smaller than the grid";
}

TEST(TileHashes, AreOfSquaresFromTheTopLeft) {
  const DecodedImage picture = ramp(600, 300);
  const auto hashes = tile_hashes(picture);
  EXPECT_EQ(hashes.size(), 6u) << "three times two of 256";
  Blob changed = Blob::filled(picture.pixels.size(), [&](std::span<std::byte> out) {
    std::ranges::copy(picture.pixels.bytes(), out.begin());
    out[0] ^= std::byte{1};
  });
  const auto others = tile_hashes({600, 300, changed});
  EXPECT_NE(hashes[0], others[0]);
  EXPECT_TRUE(std::equal(hashes.begin() + 1, hashes.end(), others.begin() + 1));
}

TEST(TileHashes, AreBounded) {
  EXPECT_EQ(tile_hashes(plain(16, 16)).size(), 1u);
  EXPECT_EQ(tile_hashes(plain(2048, 2048)).size(), 64u);
  EXPECT_EQ(tile_hashes(plain(2049, 2048)).size(), 20u) << "sides of 512";
  // Equal tiles of equal shape have equal hashes; those at the edge have another shape.
  const auto hashes = tile_hashes(plain(600, 256));
  EXPECT_EQ(hashes[0], hashes[1]);
  EXPECT_NE(hashes[1], hashes[2]);
}

}  // namespace
}  // namespace fovea
