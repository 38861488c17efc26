// The header says where the pixels are and how they are packed; a row is then read pixel by pixel. Run-length
// encoded rows are unpacked to one palette index a byte first.
#include "image/plain/bmp.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <vector>

#include "image/decode_fault.h"
#include "image/plain/byte_cursor.h"
#include "image/plain/pixel_writer.h"

namespace fovea {

namespace {

constexpr std::size_t file_header_bytes = 14;
constexpr std::uint32_t core_header_bytes = 12;  // OS/2's
constexpr std::uint32_t plain = 0, rle8 = 1, rle4 = 2, with_masks = 3, with_alpha_masks = 6;

// Where one colour's bits are in a pixel.
class Mask {
 public:
  Mask() = default;
  explicit Mask(std::uint32_t bits) : bits_(bits), shift_(bits == 0 ? 0 : std::countr_zero(bits)) {
    // Deeper numbers than 8 bits lose their lowest.
    const int surplus = std::max(0, std::bit_width(bits_ >> shift_) - 8);
    shift_ += surplus;
    most_ = bits_ >> shift_;
  }
  bool any() const { return bits_ != 0; }
  std::uint8_t of(std::uint32_t pixel) const {
    return most_ == 0 ? std::uint8_t{0} : to_8_bits((pixel & bits_) >> shift_, most_);
  }

 private:
  std::uint32_t bits_ = 0, most_ = 0;
  int shift_ = 0;
};

struct Header {
  std::uint32_t width = 0, height = 0;
  bool top_down = false;
  std::uint32_t bits = 0;  // a pixel
  std::uint32_t compression = plain;
  std::uint32_t colours = 0;  // of the palette
  std::array<std::uint32_t, 4> masks{};
  std::vector<Colour> palette;
  std::span<const std::byte> pixels;

  bool packed() const { return compression == rle8 || compression == rle4; }
};

void read_masks(ByteCursor& in, std::uint32_t header_bytes, Header& header) {
  const bool asked = header.compression == with_masks || header.compression == with_alpha_masks;
  // Larger headers have them inside; the plain one of 40 bytes has them behind it.
  std::size_t count = 0;
  if (header_bytes >= 56 && header_bytes != 64) {
    count = 4;
  } else if (header_bytes == 52 || asked) {
    count = header.compression == with_alpha_masks ? 4 : 3;
  }
  for (std::size_t i = 0; i < count; ++i) header.masks[i] = in.u32_little();
  if (asked) return;
  header.masks = header.bits == 16 ? std::array<std::uint32_t, 4>{0x7C00, 0x03E0, 0x001F, 0}
                                   : std::array<std::uint32_t, 4>{0xFF0000, 0xFF00, 0xFF, 0};
}

// The fields of the header behind its own length.
void read_fields(ByteCursor& in, std::uint32_t header_bytes, Header& header) {
  if (header_bytes == core_header_bytes) {
    header.width = in.u16_little();
    header.height = in.u16_little();
    in.take(2);  // planes
    header.bits = in.u16_little();
    return read_masks(in, header_bytes, header);
  }
  const std::uint32_t width = in.u32_little(), height = in.u32_little();
  header.top_down = height >> 31 != 0;
  header.width = width;
  header.height = header.top_down ? 0 - height : height;
  in.take(2);  // planes
  header.bits = in.u16_little();
  header.compression = in.u32_little();
  in.take(12);  // bytes of the pixels, and pixels a metre
  header.colours = in.u32_little();
  in.take(4);  // important colours
  read_masks(in, header_bytes, header);
}

void read_palette(std::span<const std::byte> source, std::size_t at, std::size_t entry_bytes, Header& header) {
  const std::uint32_t most = 1U << header.bits;
  if (header.colours == 0 || header.colours > most) header.colours = most;
  ByteCursor in(source);
  in.take(at);
  header.palette.assign(most, {});
  for (std::uint32_t i = 0; i < header.colours && in.rest().size() >= entry_bytes; ++i) {
    ByteCursor entry(in.take(entry_bytes));
    const std::uint8_t blue = entry.u8(), green = entry.u8(), red = entry.u8();
    header.palette[i] = {.red = red, .green = green, .blue = blue};
  }
}

// Whether pixels of so many bits may be stored this way.
bool fits(const Header& header) {
  switch (header.compression) {
    case plain:
      return std::ranges::contains(std::array{1U, 2U, 4U, 8U, 16U, 24U, 32U}, header.bits);
    case rle8:
      return header.bits == 8 && !header.top_down;
    case rle4:
      return header.bits == 4 && !header.top_down;
    case with_masks:
    case with_alpha_masks:
      return header.bits == 16 || header.bits == 32;
    default:
      return false;  // a JPEG or PNG inside, for printers
  }
}

std::optional<Header> read_header(std::span<const std::byte> source) {
  ByteCursor in(source);
  in.take(10);
  const std::uint32_t pixels_at = in.u32_little(), header_bytes = in.u32_little();
  Header header;
  read_fields(in, header_bytes, header);
  if (!in.whole() || !fits(header)) return std::nullopt;
  const bool core = header_bytes == core_header_bytes;
  const std::size_t behind = source.size() - in.rest().size();
  if (header.bits <= 8) read_palette(source, std::max(behind, file_header_bytes + header_bytes), core ? 3 : 4, header);
  if (pixels_at < behind || pixels_at > source.size()) return std::nullopt;
  header.pixels = source.subspan(pixels_at);
  return header;
}

// Run-length encoded indices, unpacked.
class Unpacker {
 public:
  explicit Unpacker(const Header& header)
      : width_(header.width), height_(header.height), four_bits_(header.compression == rle4), in_(header.pixels) {
    indices_.resize(std::size_t{width_} * height_);
  }

  // Rows from the bottom, an index a byte; nullopt where the bytes end before the picture does.
  std::optional<std::vector<std::byte>> unpack() {
    while (y_ < height_) {
      const std::uint8_t count = in_.u8(), what = in_.u8();
      if (!in_.whole()) return std::nullopt;
      if (count > 0) {
        // What is behind the row's end is not even counted, so that few bytes cannot cost much time.
        for (std::uint32_t i = 0; i < count && x_ < width_; ++i)
          put(four_bits_ ? what >> (i % 2 == 0 ? 4 : 0) & 15 : what);
      } else if (what == 1) {
        break;
      } else if (!follow(what)) {
        return std::nullopt;
      }
    }
    return std::move(indices_);
  }

 private:
  bool follow(std::uint8_t what) {
    if (what == 0) {
      x_ = 0;
      ++y_;
    } else if (what == 2) {
      x_ += in_.u8();
      y_ += in_.u8();
    } else {  // so many indices as they are, to a whole number of 16 bits
      const std::uint32_t bytes = four_bits_ ? (what + 1U) / 2 : what;
      const auto given = in_.take(bytes + bytes % 2);
      if (!in_.whole()) return false;
      for (std::uint32_t i = 0; i < what; ++i) {
        const auto byte = std::to_integer<unsigned>(given[four_bits_ ? i / 2 : i]);
        put(four_bits_ ? byte >> (i % 2 == 0 ? 4 : 0) & 15 : byte);
      }
    }
    return in_.whole();
  }

  void put(unsigned index) {
    if (x_ < width_ && y_ < height_) indices_[std::size_t{y_} * width_ + x_] = static_cast<std::byte>(index);
    ++x_;
  }

  const std::uint32_t width_, height_;
  const bool four_bits_;
  ByteCursor in_;
  std::vector<std::byte> indices_;
  std::uint32_t x_ = 0, y_ = 0;
};

// Pixels in rows, from the row that comes first in the file.
class Rows {
 public:
  Rows(const Header& header, std::span<const std::byte> bytes, std::uint32_t bits)
      : header_(header), bytes_(bytes), bits_(bits), row_bytes_((std::size_t{header.width} * bits + 31) / 32 * 4) {
    for (std::size_t i = 0; i < masks_.size(); ++i) masks_[i] = Mask(header.masks[i]);
    if (header.packed()) row_bytes_ = header.width;
    has_alpha_ = masks_[3].any() && any_alpha();
  }

  Colour at(std::uint32_t x, std::uint32_t row) const {
    const std::uint32_t pixel = value(x, row);
    if (bits_ <= 8) return header_.palette[pixel];
    return {.red = masks_[0].of(pixel),
            .green = masks_[1].of(pixel),
            .blue = masks_[2].of(pixel),
            .alpha = has_alpha_ ? masks_[3].of(pixel) : std::uint8_t{255}};
  }

 private:
  std::uint32_t value(std::uint32_t x, std::uint32_t row) const {
    const std::byte* const start = &bytes_[row * row_bytes_];
    if (bits_ < 8) {
      const std::size_t bit = std::size_t{x} * bits_;
      const auto byte = std::to_integer<std::uint32_t>(start[bit / 8]);
      return byte >> (8 - bits_ - bit % 8) & ((1U << bits_) - 1);
    }
    std::uint32_t value = 0;
    for (std::uint32_t i = 0; i < bits_ / 8; ++i)
      value |= std::to_integer<std::uint32_t>(start[std::size_t{x} * (bits_ / 8) + i]) << (8 * i);
    return value;
  }

  bool any_alpha() const {
    for (std::uint32_t row = 0; row < header_.height; ++row) {
      for (std::uint32_t x = 0; x < header_.width; ++x) {
        if (masks_[3].of(value(x, row)) != 0) return true;
      }
    }
    return false;
  }

  const Header& header_;
  const std::span<const std::byte> bytes_;
  const std::uint32_t bits_;
  std::size_t row_bytes_;
  std::array<Mask, 4> masks_;
  bool has_alpha_ = false;
};

DecodedImage image_of(const Header& header, const Rows& rows) {
  Blob pixels = Blob::filled(std::size_t{header.width} * header.height * image_channels, [&](std::span<std::byte> out) {
    PixelWriter writer(out, header.width);
    for (std::uint32_t row = 0; row < header.height; ++row) {
      const std::uint32_t y = header.top_down ? row : header.height - 1 - row;
      for (std::uint32_t x = 0; x < header.width; ++x) writer.put(x, y, rows.at(x, row));
    }
  });
  return {header.width, header.height, std::move(pixels)};
}

}  // namespace

Result<DecodedImage> decode_bmp(std::span<const std::byte> source, const DecodeLimits& limits) {
  const auto header = read_header(source);
  if (!header) return damaged(Format::bmp);
  if (auto fits = within(limits, header->width, header->height); !fits) return std::unexpected(fits.error());
  if (header->packed()) {
    const auto indices = Unpacker(*header).unpack();
    if (!indices) return damaged(Format::bmp);
    return image_of(*header, Rows(*header, *indices, 8));
  }
  // The last row's padding is often missing.
  const std::uint64_t row_bits = std::uint64_t{header->width} * header->bits;
  if ((row_bits + 31) / 32 * 4 * (header->height - 1) + (row_bits + 7) / 8 > header->pixels.size())
    return damaged(Format::bmp);
  return image_of(*header, Rows(*header, header->pixels, header->bits));
}

}  // namespace fovea
