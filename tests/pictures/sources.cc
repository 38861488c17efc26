#include "pictures/sources.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace fovea::test {

namespace {

void put_big_endian(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

std::uint32_t crc32(std::string_view bytes) {
  std::uint32_t crc = ~0U;
  for (const unsigned char byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? (crc >> 1) ^ 0xEDB88320U : crc >> 1;
  }
  return ~crc;
}

std::uint32_t adler32(std::string_view bytes) {
  std::uint32_t a = 1, b = 0;
  for (const unsigned char byte : bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

void put_chunk(std::string& out, std::string_view type, std::string_view data) {
  put_big_endian(out, static_cast<std::uint32_t>(data.size()));
  const std::string body = std::string(type) + std::string(data);
  out += body;
  put_big_endian(out, crc32(body));
}

// RFC 1950 and 1951, stored blocks only.
std::string zlib_stored(std::string_view raw) {
  std::string out = "\x78\x01";
  for (std::size_t at = 0; at < raw.size() || at == 0;) {
    const std::size_t length = std::min<std::size_t>(raw.size() - at, 65535);
    out += static_cast<char>(at + length == raw.size());
    for (const std::size_t field : {length, ~length}) {
      out += static_cast<char>(field);
      out += static_cast<char>(field >> 8);
    }
    out += raw.substr(at, length);
    at += length;
  }
  put_big_endian(out, adler32(raw));
  return out;
}

}  // namespace

ImageSource png(std::uint32_t width, std::uint32_t height,
                const std::function<Rgb(std::uint32_t, std::uint32_t)>& pixel) {
  std::string rows;
  for (std::uint32_t y = 0; y < height; ++y) {
    rows += '\0';  // filter: none
    for (std::uint32_t x = 0; x < width; ++x) {
      for (const std::uint8_t channel : pixel(x, y)) rows += static_cast<char>(channel);
    }
  }
  std::string header;
  put_big_endian(header, width);
  put_big_endian(header, height);
  header += std::string("\x08\x02\x00\x00\x00", 5);  // 8 bits, RGB
  std::string file = "\x89PNG\r\n\x1a\n";
  put_chunk(file, "IHDR", header);
  put_chunk(file, "IDAT", zlib_stored(rows));
  put_chunk(file, "IEND", "");
  return {Blob::copy_of(file), "test.png"};
}

ImageSource plain_png(std::uint32_t width, std::uint32_t height, Rgb colour) {
  return png(width, height, [&](std::uint32_t, std::uint32_t) { return colour; });
}

}  // namespace fovea::test
