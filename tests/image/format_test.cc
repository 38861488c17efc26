// format_of: the signature decides, and nothing else reaches a decoder.
#include "image/format.h"

#include <gtest/gtest.h>

#include "pictures.h"

namespace fovea {
namespace {

Format format_of_text(std::string_view text) { return format_of(bytes_of(text)); }

// A box of `brands`, 4 letters each: the major one, 4 bytes of version, then the compatible ones.
std::string file_type_box(const std::string& brands) {
  const std::string body = "ftyp" + brands.substr(0, 4) + std::string(4, '\0') + brands.substr(4);
  return std::string{'\0', '\0', '\0', static_cast<char>(body.size() + 4)} + body;
}

TEST(Format, IsToldByTheSignature) {
  const Raster picture = sample(8, 8);
  EXPECT_EQ(format_of(encoded(picture, ".jpg")), Format::jpeg);
  EXPECT_EQ(format_of(encoded(picture, ".png")), Format::png);
  EXPECT_EQ(format_of(encoded(picture, ".webp")), Format::webp);
  EXPECT_EQ(format_of(encoded(picture, ".gif")), Format::gif);
  EXPECT_EQ(format_of_text(file_type_box("heicmif1")), Format::heif);
  EXPECT_EQ(format_of_text(file_type_box("avif")), Format::heif);
}

TEST(Format, ACompatibleBrandIsEnough) { EXPECT_EQ(format_of_text(file_type_box("MiHEmif1heic")), Format::heif); }

TEST(Format, AFilmIsNoPicture) {
  EXPECT_EQ(format_of_text(file_type_box("isommp42")), Format::none);
  EXPECT_EQ(format_of_text(file_type_box("isommp42") + "heic"),
            Format::none);  // a brand after the box counts for nothing
}

TEST(Format, OldFormatsAreToldByTheirHeaders) {
  EXPECT_EQ(format_of(encoded(sample(8, 8), ".tif")), Format::tiff);
  EXPECT_EQ(format_of_text(std::string("MM\0*", 4)), Format::tiff);
  EXPECT_EQ(format_of_text("P6 1 1 255\n"), Format::pnm);
  EXPECT_EQ(format_of_text(std::string("8BPS\0\1", 6)), Format::psd);
  EXPECT_EQ(format_of_text("BM" + std::string(12, '\0') + little(40, 4)), Format::bmp);
  const std::string tga =
      little(0, 2) + little(2, 1) + std::string(9, '\0') + little(8, 2) + little(8, 2) + little(24, 2);
  EXPECT_EQ(format_of_text(tga), Format::tga);
}

TEST(Format, WhatOnlyBeginsAlikeIsNone) {
  EXPECT_EQ(format_of_text("BMW builds cars, and not pictures"), Format::none);
  EXPECT_EQ(format_of_text("P6x 1 1 255\n"), Format::none);
  EXPECT_EQ(format_of_text("P7\nWIDTH 1\n"), Format::none);
  EXPECT_EQ(format_of_text(std::string("II*\0\x10\0\0\0CR\2\0", 12)), Format::none);  // a camera's raw file
  EXPECT_EQ(format_of_text(std::string("\0\0\1\0\1\0\x10\x10\0\0\1\0\x20\0\x68\4\0\0", 18)), Format::none);  // an icon
  EXPECT_EQ(format_of_text(std::string(64, '\0')), Format::none);
  EXPECT_EQ(format_of_text("hello, this is a text of some length, so that a header would fit"), Format::none);
}

TEST(Format, ShortBytesAreNone) {
  for (const std::string_view text : {"", "\xFF\xD8", "GIF8", "RIFF1234WEB"})
    EXPECT_EQ(format_of_text(text), Format::none);
}

}  // namespace
}  // namespace fovea
