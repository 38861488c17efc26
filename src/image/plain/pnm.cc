// A magic number, then three numbers as text (two for bitmaps), then the pixels: as text, or behind exactly
// one white space as bytes.
#include "image/plain/pnm.h"

#include <algorithm>
#include <optional>

#include "image/decode_fault.h"
#include "image/plain/byte_cursor.h"
#include "image/plain/pixel_writer.h"

namespace fovea {

namespace {

constexpr std::uint32_t number_max = 65'535;  // of a pixel; widths and heights are below it too

// Reads the numbers of a picture.
class Numbers {
 public:
  explicit Numbers(std::span<const std::byte> bytes) : in_(bytes) {}

  // The next number written as text, behind white space and comments; nullopt where there is none that is
  // small enough.
  std::optional<std::uint32_t> text() {
    skip_space();
    std::optional<std::uint32_t> number;
    while (!in_.rest().empty() && is_digit(peek())) {
      number = number.value_or(0) * 10 + static_cast<std::uint32_t>(peek() - '0');
      if (*number > number_max) return std::nullopt;
      in_.take(1);
    }
    return number;
  }

  // The next digit written as text: bitmaps need no space between them.
  std::optional<std::uint32_t> text_bit() {
    skip_space();
    if (in_.rest().empty() || (peek() != '0' && peek() != '1')) return std::nullopt;
    return in_.u8() - std::uint32_t{'0'};
  }

  ByteCursor& bytes() { return in_; }

 private:
  char peek() const { return static_cast<char>(in_.rest().front()); }
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

  void skip_space() {
    bool comment = false;
    while (!in_.rest().empty() && (comment || is_space(peek()) || peek() == '#')) {
      comment = (comment || peek() == '#') && peek() != '\n' && peek() != '\r';
      in_.take(1);
    }
  }

  ByteCursor in_;
};

struct Header {
  std::uint32_t width = 0, height = 0, most = 1;
  bool bitmap = false, colour = false, as_text = false;
};

std::optional<Header> read_header(Numbers& in) {
  in.bytes().take(1);  // the P
  const std::uint32_t kind = in.bytes().u8() - std::uint32_t{'0'};
  Header header{.bitmap = kind % 3 == 1, .colour = kind % 3 == 0, .as_text = kind <= 3};
  const auto width = in.text(), height = in.text();
  const auto most = header.bitmap ? std::optional(1U) : in.text();
  if (!width || !height || !most || *most == 0) return std::nullopt;
  header.width = *width;
  header.height = *height;
  header.most = *most;
  if (!header.as_text) in.bytes().take(1);  // the white space
  return header;
}

// Bytes of the pixels; of text, the least that they can be.
std::uint64_t least_bytes(const Header& header) {
  const std::uint64_t numbers = std::uint64_t{header.width} * header.height * (header.colour ? 3 : 1);
  if (header.as_text) return header.bitmap ? numbers : 2 * numbers - 1;
  if (header.bitmap) return (header.width + 7) / 8 * std::uint64_t{header.height};
  return numbers * (header.most > 255 ? 2 : 1);
}

// The next number of a grey or colour picture, in 8 bits. One that is too high is as the highest.
std::optional<std::uint8_t> next_number(Numbers& in, const Header& header) {
  std::optional<std::uint32_t> number;
  if (header.as_text) {
    number = in.text();
  } else {
    number = header.most > 255 ? in.bytes().u16_big() : in.bytes().u8();
  }
  if (!number) return std::nullopt;
  return to_8_bits(std::min(*number, header.most), header.most);
}

bool write_row(Numbers& in, const Header& header, std::uint32_t y, PixelWriter& writer) {
  std::uint8_t bits = 0;
  for (std::uint32_t x = 0; x < header.width; ++x) {
    std::optional<std::uint8_t> red, green, blue;
    if (header.bitmap) {
      if (!header.as_text && x % 8 == 0) bits = in.bytes().u8();
      const auto ink = header.as_text ? in.text_bit() : std::optional<std::uint32_t>(bits >> (7 - x % 8) & 1);
      if (ink) red = *ink == 1 ? std::uint8_t{0} : std::uint8_t{255};
    } else {
      red = next_number(in, header);
    }
    green = header.colour ? next_number(in, header) : red;
    blue = header.colour ? next_number(in, header) : red;
    if (!red || !green || !blue) return false;
    writer.put(x, y, {.red = *red, .green = *green, .blue = *blue});
  }
  return true;
}

}  // namespace

Result<DecodedImage> decode_pnm(std::span<const std::byte> source, const DecodeLimits& limits) {
  Numbers in(source);
  const auto header = read_header(in);
  if (!header) return damaged(Format::pnm);
  if (auto fits = within(limits, header->width, header->height); !fits) return std::unexpected(fits.error());
  if (least_bytes(*header) > in.bytes().rest().size()) return damaged(Format::pnm);
  bool whole = true;
  const std::size_t bytes = std::size_t{header->width} * header->height * image_channels;
  Blob pixels = Blob::filled(bytes, [&](std::span<std::byte> out) {
    PixelWriter writer(out, header->width);
    for (std::uint32_t y = 0; whole && y < header->height; ++y) whole = write_row(in, *header, y, writer);
  });
  if (!whole) return damaged(Format::pnm);
  return DecodedImage{header->width, header->height, std::move(pixels)};
}

}  // namespace fovea
