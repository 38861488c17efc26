// Pictures for the tests: made here and encoded by libvips, or framed byte by byte where an encoder would not
// do it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "image/decoded_image.h"

namespace fovea {

using Bytes = std::vector<std::byte>;

// Pixels without a file around them: 8 or 16 bits a number, rows from the top.
struct Raster {
  int width;
  int height;
  int bands;                           // 1 grey, 2 grey + alpha, 3 RGB, 4 RGBA or CMYK
  std::vector<std::uint16_t> numbers;  // width * height * bands
  bool is_16_bit = false;
  bool is_cmyk = false;
};

// The raster whose number at (x, y, band) is `at(x, y, band)`.
Raster raster(int width, int height, int bands, const std::function<int(int x, int y, int band)>& at);

// An RGB picture without any symmetry, smooth enough for JPEG to keep it closely.
Raster sample(int width, int height);

// As a file, for example encoded(r, ".png") or encoded(r, ".jpg[Q=95]"), marked with an EXIF orientation when
// it is not 1.
Bytes encoded(const Raster& raster, const std::string& suffix, int orientation = 1);

// Several frames of the same size as one animation: ".gif" or ".webp[lossless]".
Bytes animated(const std::vector<Raster>& frames, const std::string& suffix);

// What `raster` looks like once decoded. REQUIRES: 8-bit RGB.
DecodedImage image_of(const Raster& raster);

// The largest difference of any number in two pictures of the same shape; 255 when the shapes differ.
int distance(const DecodedImage& a, const DecodedImage& b);

// A PNG file framed by hand: the header as given, whatever it promises, a palette (RGB triples) if any, and
// `rows` (each with its leading filter byte) stored without compression.
struct PngParts {
  std::uint32_t width;
  std::uint32_t height;
  std::uint8_t depth = 8;
  std::uint8_t colour = 2;  // 0 grey, 2 RGB, 3 palette, 4 grey + alpha, 6 RGBA
  std::string palette = {};
  std::string rows = {};
  std::vector<std::pair<std::string, std::string>> chunks = {};  // more, by name, before the pixels
};
Bytes png_file(const PngParts& parts);

// An EXIF block that says nothing but the orientation, as JPEG, PNG, WebP and HEIC carry it: a TIFF header
// and one field, with the highest byte first.
std::string exif_block(int orientation);

// A number of `bytes` bytes, the lowest first.
std::string little(std::uint64_t number, int bytes);

// Every file of a folder, by name.
std::vector<std::filesystem::path> files_of(const std::filesystem::path& folder);
Bytes contents(const std::filesystem::path& file);
Bytes bytes_of(std::string_view text);

}  // namespace fovea
