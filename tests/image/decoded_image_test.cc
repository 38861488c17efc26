// The image key: what a picture is, whatever file it came in.
#include "image/decoded_image.h"

#include <gtest/gtest.h>

#include <fstream>

#include "image/decode.h"
#include "pictures.h"

namespace fovea {
namespace {

Key key_of(const Bytes& source) {
  const Result<DecodedImage> image = decode(source);
  EXPECT_TRUE(image.has_value()) << (image ? "" : image.error().message);
  return image ? image_key(*image) : Key{};
}

TEST(ImageKey, HasAKnownValue) {
  const DecodedImage image = image_of(raster(2, 1, 3, [](int x, int, int band) { return 3 * x + band; }));
  EXPECT_EQ(image_key(image).hex(), "f94933573a1ba3d42fe0bfed47a167668a94e67e86d0adefe0f9d0b1b61a5445");
}

TEST(ImageKey, SamePixelBytesOfAnotherShapeDiffer_Incident1) {
  const Blob pixels = image_of(sample(30, 150)).pixels;
  EXPECT_NE(image_key({30, 150, pixels}), image_key({150, 30, pixels}));
}

TEST(ImageKey, OneNumberChangedIsAnotherPicture) {
  Raster picture = sample(64, 64);
  const Key before = image_key(image_of(picture));
  picture.numbers.back() ^= 1;
  EXPECT_NE(image_key(image_of(picture)), before);
}

// Two colours, four pixels: the indices 0 1 1 0 through the palette.
Bytes palette_png(const std::string& palette) {
  return png_file({.width = 2, .height = 2, .colour = 3, .palette = palette, .rows = std::string("\0\0\1\0\1\0", 6)});
}

TEST(ImageKey, SameIndicesUnderAnotherPaletteDiffer_Incident1) {
  EXPECT_NE(key_of(palette_png("\x10\x20\x30\x40\x50\x60")), key_of(palette_png("\x10\x20\x30\x40\x50\x61")));
}

TEST(ImageKey, APalettePictureIsItsRgbTwin_Incident1) {
  const Raster twin = raster(2, 2, 3, [](int x, int y, int band) { return (x == y ? 0x10 : 0x40) + 0x10 * band; });
  EXPECT_EQ(key_of(palette_png("\x10\x20\x30\x40\x50\x60")), key_of(encoded(twin, ".png")));
}

TEST(ImageKey, IsTheSameFromEveryLosslessFile) {
  const Raster picture = sample(33, 17);
  EXPECT_EQ(key_of(encoded(picture, ".png")), key_of(encoded(picture, ".webp[lossless]")));
  EXPECT_EQ(key_of(encoded(picture, ".png[compression=0]")), key_of(encoded(picture, ".png[interlace]")));
}

// A path is no part of any key: the content of the file now is what counts.
TEST(ImageKey, AChangedFileUnderTheSamePathDiffers_Incident4) {
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / "fovea_incident_4_image.png";
  const auto key_written = [&](const Raster& picture) {
    const Bytes file = encoded(picture, ".png");
    std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(file.data()), std::ssize(file));
    return key_of(contents(path));
  };
  const Key before = key_written(sample(8, 8));
  const Key after = key_written(sample(8, 9));
  std::filesystem::remove(path);
  EXPECT_NE(before, after);
}

}  // namespace
}  // namespace fovea
