// not_read: each kind of wrong file is called by its name, and its bytes are not repeated.
#include "image/other_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "image/decode.h"
#include "pictures.h"

namespace fovea {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string said(const std::string& file) {
  const auto image = decode(bytes_of(file));
  return image ? "it was decoded" : image.error().message;
}

std::string box(const std::string& brand) {
  return std::string(
             "\0\0\0\x10"
             "ftyp",
             8) +
         brand + std::string(4, '\0');
}

TEST(OtherFile, IsCalledByItsName) {
  const std::vector<std::pair<std::string, std::string>> files{
      {"<?xml version='1.0'?>\n<!-- drawn -->\n<svg width='9'/>", "an SVG"},
      {"\xEF\xBB\xBF  <SVG/>", "an SVG"},
      {"<!DOCTYPE html><html></html>", "a web page"},
      {"<?xml version='1.0'?><note/>", "an XML document"},
      {"%!PS-Adobe-3.0 EPSF-3.0", "a PostScript or EPS file"},
      {"{\"error\": \"not found\"}", "JSON"},
      {"\n[1, 2]", "JSON"},
      {"Not Found", "text"},
      {"data:image/png;base64,QUJD", "a data: URL as text"},
      {"https://example.com/a.jpg", "an address as text"},
      {"/9j/4AAQSkZJRg", "base64 of a JPEG"},
      {"iVBORw0KGgoAAAANSUhEUg", "base64 of a PNG"},
      {std::string("\0\0\1\0\1\0", 6), "an ICO icon"},
      {std::string("PK\3\4\x14", 5), "a ZIP archive"},
      {"\x1F\x8B\x08", "gzip data"},
      {"\xFF\x0A\xFA", "a JPEG XL"},
      {std::string("\x76\x2F\x31\x01\2\0", 6), "an OpenEXR"},
      {"#?RADIANCE\n", "a Radiance HDR"},
      {"P7\nWIDTH 1\n", "a PAM"},
      {box("isom"), "an MP4 or QuickTime video"},
      {box("qt  "), "an MP4 or QuickTime video"},
      {box("crx "), "a camera's raw file"},
      {box("avis"), "a sequence of pictures"},
      {"\x1A\x45\xDF\xA3", "a WebM or Matroska video"},
      {std::string("RIFF\0\0\0\0AVI LIST", 16), "an AVI video"},
      {std::string("\x7F\x10\x90\0\0\1", 6), "no picture that is known"}};
  for (const auto& [file, name] : files) EXPECT_THAT(said(file), StartsWith("This is " + name)) << file;
}

TEST(OtherFile, TellsWhatToSendInstead) {
  EXPECT_THAT(said("%PDF-1.7"), HasSubstr("send its pages as PNG or JPEG"));
  EXPECT_THAT(said("hello"), HasSubstr("JPEG, PNG, WebP, GIF, HEIC, AVIF, TIFF, BMP, TGA, PNM, PSD"));
}

TEST(OtherFile, IsNeverRepeated) { EXPECT_THAT(said("SECRETSECRET"), Not(HasSubstr("SECRET"))); }

}  // namespace
}  // namespace fovea
