// decode against what is no picture, half a picture, or a bomb: a clear error, never a crash, never half a
// picture.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "image/decode.h"
#include "pictures.h"

namespace fovea {
namespace {

using testing::HasSubstr;

Error refusal(const Bytes& source, const DecodeLimits& limits = {}) {
  const Result<DecodedImage> image = decode(source, limits);
  EXPECT_FALSE(image.has_value());
  return image ? Error{Fault::internal, "it was decoded"} : image.error();
}

TEST(Refusal, NothingIsInvalid) { EXPECT_EQ(refusal({}).fault, Fault::invalid); }

TEST(Refusal, OtherFilesAreNamedForWhatTheyAre) {
  const std::vector<std::pair<std::string, std::string>> files{
      {"hello, world", "This is text;"},
      {"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", "This is an SVG;"},
      {"%PDF-1.7\n", "This is a PDF document;"},
      {std::string("\0\0\0\x0C"
                   "jP  \r\n\x87\n",
                   12),
       "This is a JPEG 2000;"}};
  for (const auto& [file, name] : files) {
    const Error error = refusal(bytes_of(file));
    EXPECT_EQ(error.fault, Fault::invalid) << file;
    EXPECT_THAT(error.message, HasSubstr(name)) << file;
    EXPECT_THAT(error.message, HasSubstr("JPEG, PNG, WebP, GIF, HEIC, AVIF, TIFF, BMP, TGA, PNM, PSD")) << file;
  }
}

TEST(Refusal, ASignatureAloneIsDamaged) {
  const std::vector<std::string> files{"\xFF\xD8\xFF",
                                       "\x89PNG\r\n\x1A\n",
                                       "RIFF\x10" + std::string(3, '\0') + "WEBP",
                                       "GIF89a",
                                       std::string("\0\0\0\x10"
                                                   "ftypheic\0\0\0\0",
                                                   16),
                                       std::string("II*\0\x08\0\0\0", 8),
                                       "P6 1 1 255\nab",
                                       std::string("8BPS\0\1", 6)};
  for (const std::string& file : files)
    EXPECT_THAT(refusal(bytes_of(file)).message, HasSubstr("damaged or cut short")) << file;
}

// One pixel in CIELAB, which is whole: photometric 8.
TEST(Refusal, ATiffInLabIsNotCalledDamagedAlone) {
  struct Tag {
    char number, type, count, value;
  };
  std::string file("II*\0\x08\0\0\0\x08\0", 10);
  constexpr char after = 8 + 2 + 8 * 12 + 4;  // the directory: the bits of three samples, then the pixel
  constexpr Tag tags[] = {{0, 3, 1, 1}, {1, 3, 1, 1},          {2, 3, 3, after}, {3, 3, 1, 1},
                          {6, 3, 1, 8}, {17, 4, 1, after + 6}, {21, 3, 1, 3},    {23, 4, 1, 3}};
  for (const auto& [number, type, count, value] : tags) file += {number, 1, type, 0, count, 0, 0, 0, value, 0, 0, 0};
  file += std::string("\0\0\0\0\x08\0\x08\0\x08\0\x50\x10\x10", 13);
  EXPECT_THAT(refusal(bytes_of(file)).message, HasSubstr("or stored in a way Fovea does not read, such as LAB"));
}

// A file that lacks only what comes after the picture (PNG's closing IEND, say) may still decode, but only to
// the whole.
void expect_whole_or_refused(const Bytes& file, const std::string& name) {
  const Result<DecodedImage> image = decode(file);
  ASSERT_TRUE(image.has_value()) << name;
  const Key whole = image_key(*image);
  std::size_t refused = 0;
  for (std::size_t length = 0; length < file.size(); ++length) {
    const Result<DecodedImage> cut = decode(std::span(file).first(length));
    EXPECT_TRUE(!cut || image_key(*cut) == whole) << name << " cut to " << length << " of " << file.size() << " bytes";
    refused += !cut;
  }
  EXPECT_GE(refused * 10, file.size() * 9) << name;  // nearly every cut loses pixels
}

TEST(Refusal, TruncatedAtEveryLengthNeverGivesHalfAPicture) {
  const Raster picture = sample(24, 16);
  for (const char* suffix : {".jpg", ".jpg[interlace]", ".png", ".png[interlace]", ".png[palette]", ".webp",
                             ".webp[lossless]", ".gif", ".tif", ".tif[compression=deflate]"}) {
    expect_whole_or_refused(encoded(picture, suffix), suffix);
  }
  for (const auto& file : files_of(std::filesystem::path(FOVEA_SOURCE_DIR) / "tests/image/data")) {
    expect_whole_or_refused(contents(file), file.filename());
  }
}

TEST(Refusal, AnyByteChangedNeverCrashes) {
  std::vector<Bytes> files;
  for (const char* suffix : {".jpg", ".png", ".webp", ".gif", ".tif"}) files.push_back(encoded(sample(16, 8), suffix));
  for (const char* name : {"ok_rgb.bmp", "ok_rle8.bmp", "ok_rle.tga", "ok_text.ppm", "ok_packed_alpha.psd"})
    files.push_back(contents(std::filesystem::path(FOVEA_SOURCE_DIR) / "fuzz/corpus/decode" / name));
  for (Bytes& file : files) {
    int decoded = 0;
    for (std::byte& byte : file) {
      byte ^= std::byte{0x55};
      const Result<DecodedImage> image = decode(file, {.pixels_max = 1'000'000});
      EXPECT_TRUE(!image || image->pixels.size() == std::size_t{3} * image->width * image->height);
      decoded += image.has_value();
      byte ^= std::byte{0x55};
    }
    EXPECT_LT(decoded, static_cast<int>(file.size())) << &file - files.data();
  }
}

TEST(Refusal, ABombIsRefusedByItsHeader) {
  const Bytes bomb = png_file({.width = 30'000, .height = 30'000});
  ASSERT_LT(bomb.size(), 100U);
  const Error error = refusal(bomb);
  EXPECT_EQ(error.fault, Fault::too_large);
  EXPECT_THAT(error.message, HasSubstr("30000 x 30000 = 900000000 pixels; at most 64000000"));
}

TEST(Refusal, ASideTooLongIsRefused) {
  const Error error = refusal(png_file({.width = 60'000, .height = 60'000}));
  EXPECT_EQ(error.fault, Fault::too_large);
  EXPECT_THAT(error.message, HasSubstr("60000 x 60000 pixels; no side may be longer than 32768"));
}

TEST(Refusal, LimitsAreInclusive) {
  const Bytes file = encoded(sample(20, 10), ".png");
  EXPECT_TRUE(decode(file, {.source_bytes_max = file.size(), .pixels_max = 200, .side_max = 20}).has_value());
  EXPECT_EQ(refusal(file, {.source_bytes_max = file.size() - 1}).fault, Fault::too_large);
  EXPECT_EQ(refusal(file, {.pixels_max = 199}).fault, Fault::too_large);
  EXPECT_EQ(refusal(file, {.side_max = 19}).fault, Fault::too_large);
}

}  // namespace
}  // namespace fovea
