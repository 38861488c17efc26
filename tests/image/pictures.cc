#include "pictures.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/check.h"
#include "image/vips.h"

namespace fovea {

namespace {

VipsInterpretation meaning_of(const Raster& raster) {
  if (raster.is_cmyk) return VIPS_INTERPRETATION_CMYK;
  const bool grey = raster.bands <= 2;
  if (raster.is_16_bit) return grey ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_RGB16;
  return grey ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
}

VipsHandle vips_image_of(const Raster& raster) {
  check(vips_ready(), "libvips starts");
  const std::vector<std::uint8_t> narrow(raster.numbers.begin(), raster.numbers.end());
  const void* data = raster.is_16_bit ? static_cast<const void*>(raster.numbers.data()) : narrow.data();
  const std::size_t size = raster.is_16_bit ? 2 * raster.numbers.size() : narrow.size();
  VipsHandle image(vips_image_new_from_memory_copy(data, size, raster.width, raster.height, raster.bands,
                                                   raster.is_16_bit ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR));
  VipsImage* typed = nullptr;
  check(vips_copy(image.get(), &typed, "interpretation", meaning_of(raster), nullptr) == 0,
        "a raster becomes an image");
  return VipsHandle(typed);
}

Bytes saved(VipsImage* image, const std::string& suffix) {
  void* buffer = nullptr;
  std::size_t size = 0;
  check(vips_image_write_to_buffer(image, suffix.c_str(), &buffer, &size, nullptr) == 0, "libvips writes " + suffix);
  const auto* bytes = static_cast<const std::byte*>(buffer);
  Bytes file(bytes, bytes + size);
  g_free(buffer);
  return file;
}

void put_u32(std::string& out, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift);
}

// PNG's checksum, CRC-32 with the polynomial 0xEDB88320, bit by bit.
std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = ~0U;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

void put_chunk(std::string& out, const std::string& name, const std::string& data) {
  put_u32(out, static_cast<std::uint32_t>(data.size()));
  out += name + data;
  put_u32(out, crc32(name + data));
}

// A zlib stream of one stored block. REQUIRES: fewer than 65,536 bytes.
std::string stored(const std::string& data) {
  check(data.size() < 65'536, "one stored deflate block is enough");
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (const char byte : data) {
    a = (a + static_cast<unsigned char>(byte)) % 65'521;
    b = (b + a) % 65'521;
  }
  const auto size = static_cast<std::uint16_t>(data.size());
  std::string out{'\x78', '\x01', '\x01'};
  for (const int half : {size & 0xFFFF, ~size & 0xFFFF}) {
    out += static_cast<char>(half & 0xFF);
    out += static_cast<char>(half >> 8);
  }
  out += data;
  put_u32(out, (b << 16) | a);
  return out;
}

}  // namespace

Raster raster(int width, int height, int bands, const std::function<int(int, int, int)>& at) {
  Raster made{.width = width, .height = height, .bands = bands, .numbers = {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int band = 0; band < bands; ++band) made.numbers.push_back(static_cast<std::uint16_t>(at(x, y, band)));
    }
  }
  return made;
}

Raster sample(int width, int height) {
  return raster(width, height, 3, [=](int x, int y, int band) {
    if (band == 0) return 255 * x / width;
    if (band == 1) return 255 * y / height;
    return 64 + 128 * (x * y) / (width * height);
  });
}

Bytes encoded(const Raster& raster, const std::string& suffix, int orientation) {
  const VipsHandle image = vips_image_of(raster);
  if (orientation != 1) vips_image_set_int(image.get(), VIPS_META_ORIENTATION, orientation);
  return saved(image.get(), suffix);
}

Bytes animated(const std::vector<Raster>& frames, const std::string& suffix) {
  Raster reel = frames.front();
  reel.height *= static_cast<int>(frames.size());
  reel.numbers.clear();
  for (const Raster& frame : frames) std::ranges::copy(frame.numbers, std::back_inserter(reel.numbers));
  const VipsHandle image = vips_image_of(reel);
  vips_image_set_int(image.get(), VIPS_META_PAGE_HEIGHT, frames.front().height);
  return saved(image.get(), suffix);
}

DecodedImage image_of(const Raster& raster) {
  check(raster.bands == 3 && !raster.is_16_bit, "only 8-bit RGB is an image as it stands");
  const std::vector<std::uint8_t> narrow(raster.numbers.begin(), raster.numbers.end());
  return {static_cast<std::uint32_t>(raster.width), static_cast<std::uint32_t>(raster.height),
          Blob::copy_of(std::as_bytes(std::span(narrow)))};
}

int distance(const DecodedImage& a, const DecodedImage& b) {
  if (a.width != b.width || a.height != b.height) return 255;
  int largest = 0;
  const auto left = a.pixels.as<std::uint8_t>();
  const auto right = b.pixels.as<std::uint8_t>();
  for (std::size_t i = 0; i < left.size(); ++i) largest = std::max(largest, std::abs(left[i] - right[i]));
  return largest;
}

Bytes png_file(const PngParts& parts) {
  std::string header;
  put_u32(header, parts.width);
  put_u32(header, parts.height);
  header += {static_cast<char>(parts.depth), static_cast<char>(parts.colour), '\0', '\0', '\0'};
  std::string file = "\x89PNG\r\n\x1A\n";
  put_chunk(file, "IHDR", header);
  if (!parts.palette.empty()) put_chunk(file, "PLTE", parts.palette);
  for (const auto& [name, data] : parts.chunks) put_chunk(file, name, data);
  put_chunk(file, "IDAT", stored(parts.rows));
  put_chunk(file, "IEND", "");
  return bytes_of(file);
}

std::string exif_block(int orientation) {
  std::string block("MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0", 19);
  return block + static_cast<char>(orientation) + std::string(6, '\0');  // the value's padding, no next directory
}

std::string little(std::uint64_t number, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i) & 0xFF);
  return out;
}

std::vector<std::filesystem::path> files_of(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

Bytes contents(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  check(in.good() || in.eof(), "a test's file can be read");
  return bytes_of(text);
}

Bytes bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

}  // namespace fovea
