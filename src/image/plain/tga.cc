// TGA has no signature: format_of() takes it by a header that makes sense. All pixels are unpacked first, if
// they are packed, and then read at their place.
#include "image/plain/tga.h"

#include <optional>
#include <vector>

#include "image/decode_fault.h"
#include "image/plain/byte_cursor.h"
#include "image/plain/pixel_writer.h"

namespace fovea {

namespace {

constexpr std::uint8_t palette_type = 1, colour_type = 2, grey_type = 3, packed_flag = 8;
constexpr std::uint64_t run_max = 128;  // pixels of one packet

struct Header {
  std::uint8_t type = 0;  // without packed_flag
  bool packed = false;
  std::uint32_t width = 0, height = 0;
  std::uint32_t bytes = 0;  // of a pixel
  bool has_alpha = false, from_right = false, from_top = false;
  std::uint32_t palette_first = 0, palette_bytes = 0;  // of an entry
  std::span<const std::byte> palette, pixels;
};

// A colour of 2, 3 or 4 bytes, blue first.
Colour colour_of(std::span<const std::byte> bytes) {
  ByteCursor in(bytes);
  if (bytes.size() == 2) {
    const std::uint32_t number = in.u16_little();
    return {.red = to_8_bits(number >> 10 & 31, 31),
            .green = to_8_bits(number >> 5 & 31, 31),
            .blue = to_8_bits(number & 31, 31)};
  }
  const std::uint8_t blue = in.u8(), green = in.u8(), red = in.u8();
  return {.red = red, .green = green, .blue = blue, .alpha = bytes.size() == 4 ? in.u8() : std::uint8_t{255}};
}

bool fits(const Header& header) {
  const auto is_colour = [](std::uint32_t bytes) { return bytes >= 2 && bytes <= 4; };
  switch (header.type) {
    case palette_type:
      return header.bytes == 1 && is_colour(header.palette_bytes) && !header.palette.empty();
    case colour_type:
      return is_colour(header.bytes);
    case grey_type:
      return header.bytes <= 2;  // the second is alpha
    default:
      return false;
  }
}

std::optional<Header> read_header(std::span<const std::byte> source) {
  ByteCursor in(source);
  Header header;
  const std::uint8_t name_bytes = in.u8();
  in.take(1);  // whether there is a palette: the type says it
  const std::uint8_t type = in.u8();
  header.packed = (type & packed_flag) != 0;
  header.type = type & std::uint8_t{7};
  header.palette_first = in.u16_little();
  const std::uint32_t palette_length = in.u16_little();
  header.palette_bytes = (in.u8() + 7U) / 8;
  in.take(4);  // where on a screen it stood
  header.width = in.u16_little();
  header.height = in.u16_little();
  header.bytes = (in.u8() + 7U) / 8;
  const std::uint8_t layout = in.u8();
  header.has_alpha = (layout & 15) != 0;
  header.from_right = (layout & 16) != 0;
  header.from_top = (layout & 32) != 0;
  in.take(name_bytes);
  header.palette = in.take(std::uint64_t{palette_length} * header.palette_bytes);
  header.pixels = in.rest();
  return in.whole() && fits(header) ? std::optional(header) : std::nullopt;
}

// The pixels one behind the other; nullopt where the bytes end before the picture does.
std::optional<std::vector<std::byte>> unpacked(const Header& header) {
  const std::uint64_t pixels = std::uint64_t{header.width} * header.height;
  // Asked before memory is taken: a short file cannot be a large picture.
  if ((pixels + run_max - 1) / run_max * (1 + header.bytes) > header.pixels.size()) return std::nullopt;
  const std::size_t size = pixels * header.bytes;
  std::vector<std::byte> out;
  out.reserve(size);
  ByteCursor in(header.pixels);
  while (out.size() < size) {
    const std::uint8_t packet = in.u8();
    const std::size_t count = (packet & 127U) + 1U;
    const auto given = in.take(packet >= 128 ? header.bytes : count * header.bytes);
    if (!in.whole()) return std::nullopt;
    for (std::size_t i = 0; i < (packet >= 128 ? count : 1); ++i) out.insert(out.end(), given.begin(), given.end());
  }
  return out;
}

class Pixels {
 public:
  Pixels(const Header& header, std::span<const std::byte> bytes) : header_(header), bytes_(bytes) {
    has_alpha_ = header.has_alpha && any_alpha();
  }

  // The pixel that comes as number `index`.
  Colour at(std::size_t index) const {
    Colour colour = stored(index);
    if (!has_alpha_) colour.alpha = 255;
    return colour;
  }

 private:
  Colour stored(std::size_t index) const {
    const auto pixel = bytes_.subspan(index * header_.bytes, header_.bytes);
    if (header_.type == colour_type) return colour_of(pixel);
    const auto number = std::to_integer<std::uint8_t>(pixel[0]);
    if (header_.type == grey_type) {
      const auto alpha = header_.bytes == 2 ? std::to_integer<std::uint8_t>(pixel[1]) : std::uint8_t{255};
      return {.red = number, .green = number, .blue = number, .alpha = alpha};
    }
    // An index that the palette does not have is black.
    const std::size_t place = (std::size_t{number} - header_.palette_first) * header_.palette_bytes;
    if (number < header_.palette_first || place >= header_.palette.size()) return {};
    return colour_of(header_.palette.subspan(place, header_.palette_bytes));
  }

  bool any_alpha() const {
    for (std::size_t i = 0; i < std::size_t{header_.width} * header_.height; ++i) {
      if (stored(i).alpha != 0) return true;
    }
    return false;
  }

  const Header& header_;
  const std::span<const std::byte> bytes_;
  bool has_alpha_ = false;
};

DecodedImage image_of(const Header& header, const Pixels& stored) {
  Blob pixels = Blob::filled(std::size_t{header.width} * header.height * image_channels, [&](std::span<std::byte> out) {
    PixelWriter writer(out, header.width);
    for (std::uint32_t row = 0; row < header.height; ++row) {
      const std::uint32_t y = header.from_top ? row : header.height - 1 - row;
      for (std::uint32_t column = 0; column < header.width; ++column) {
        const std::uint32_t x = header.from_right ? header.width - 1 - column : column;
        writer.put(x, y, stored.at(std::size_t{row} * header.width + column));
      }
    }
  });
  return {header.width, header.height, std::move(pixels)};
}

}  // namespace

Result<DecodedImage> decode_tga(std::span<const std::byte> source, const DecodeLimits& limits) {
  const auto header = read_header(source);
  if (!header) return damaged(Format::tga);
  if (auto fits = within(limits, header->width, header->height); !fits) return std::unexpected(fits.error());
  if (header->packed) {
    const auto bytes = unpacked(*header);
    if (!bytes) return damaged(Format::tga);
    return image_of(*header, Pixels(*header, *bytes));
  }
  if (std::uint64_t{header->width} * header->height * header->bytes > header->pixels.size())
    return damaged(Format::tga);
  return image_of(*header, Pixels(*header, header->pixels));
}

}  // namespace fovea
