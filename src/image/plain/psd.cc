// Behind the header and three sections that are skipped come the channels one after the other, plain or
// packed row by row (PackBits). Channels behind the colours are masks and transparency: the merged picture is
// on white already, so they are not read.
#include "image/plain/psd.h"

#include <optional>
#include <vector>

#include "image/decode_fault.h"
#include "image/plain/byte_cursor.h"
#include "image/plain/pixel_writer.h"

namespace fovea {

namespace {

constexpr std::uint32_t grey_mode = 1, rgb_mode = 3;

struct Header {
  std::uint32_t width = 0, height = 0, channels = 0, depth = 0, mode = 0;
  bool packed = false;
  ByteCursor rest{{}};

  std::uint32_t colours() const { return mode == rgb_mode ? 3 : 1; }
  std::size_t row_bytes() const { return std::size_t{width} * (depth / 8); }
};

std::optional<Header> read_header(std::span<const std::byte> source) {
  ByteCursor in(source);
  in.take(4 + 2 + 6);  // signature, version, zeros
  Header header;
  header.channels = in.u16_big();
  header.height = in.u32_big();
  header.width = in.u32_big();
  header.depth = in.u16_big();
  header.mode = in.u16_big();
  for (int section = 0; section < 3; ++section) in.take(in.u32_big());  // palette, resources, layers
  const std::uint16_t compression = in.u16_big();
  if (!in.whole() || compression > 1) return std::nullopt;
  header.packed = compression == 1;
  header.rest = in;
  return header;
}

bool fits(const Header& header) {
  return (header.mode == grey_mode || header.mode == rgb_mode) && header.channels >= header.colours() &&
         (header.depth == 8 || header.depth == 16);
}

// One row, unpacked to `out`; false where it is not exactly as long.
bool unpack_row(std::span<const std::byte> packed, std::span<std::byte> out) {
  ByteCursor in(packed);
  std::size_t at = 0;
  while (!in.rest().empty()) {
    const std::uint8_t packet = in.u8();
    if (packet == 128) continue;
    const std::size_t count = packet < 128 ? packet + 1U : 257U - packet;
    const auto given = in.take(packet < 128 ? count : 1);
    if (!in.whole() || count > out.size() - at) return false;
    for (std::size_t i = 0; i < count; ++i) out[at++] = given[packet < 128 ? i : 0];
  }
  return at == out.size();
}

// All rows of the colours' channels, one behind the other; nullopt where the bytes end before.
std::optional<std::vector<std::byte>> unpacked(const Header& header) {
  ByteCursor in = header.rest;
  ByteCursor lengths(in.take(std::uint64_t{2} * header.channels * header.height));
  const std::size_t rows = std::size_t{header.colours()} * header.height;
  // A packet of two bytes makes at most 128: a short file cannot be a large picture.
  if (header.row_bytes() * rows / 64 > in.rest().size()) return std::nullopt;
  std::vector<std::byte> out(header.row_bytes() * rows);
  for (std::size_t row = 0; row < rows; ++row) {
    const auto packed = in.take(lengths.u16_big());
    if (!in.whole() || !unpack_row(packed, std::span(out).subspan(row * header.row_bytes(), header.row_bytes())))
      return std::nullopt;
  }
  return out;
}

DecodedImage image_of(const Header& header, std::span<const std::byte> channels) {
  const std::size_t pixel_bytes = header.depth / 8, channel_bytes = header.row_bytes() * header.height;
  const auto number = [&](std::size_t channel, std::size_t pixel) {  // the high byte comes first
    return std::to_integer<std::uint8_t>(channels[channel * channel_bytes + pixel * pixel_bytes]);
  };
  const bool colour = header.mode == rgb_mode;
  Blob pixels = Blob::filled(std::size_t{header.width} * header.height * image_channels, [&](std::span<std::byte> out) {
    PixelWriter writer(out, header.width);
    for (std::uint32_t y = 0; y < header.height; ++y) {
      for (std::uint32_t x = 0; x < header.width; ++x) {
        const std::size_t pixel = std::size_t{y} * header.width + x;
        writer.put(
            x, y,
            {.red = number(0, pixel), .green = number(colour ? 1 : 0, pixel), .blue = number(colour ? 2 : 0, pixel)});
      }
    }
  });
  return {header.width, header.height, std::move(pixels)};
}

}  // namespace

Result<DecodedImage> decode_psd(std::span<const std::byte> source, const DecodeLimits& limits) {
  const auto header = read_header(source);
  if (!header) return damaged(Format::psd);
  if (auto small = within(limits, header->width, header->height); !small) return std::unexpected(small.error());
  if (!fits(*header)) return rare_colours(Format::psd);
  if (header->packed) {
    const auto channels = unpacked(*header);
    if (!channels) return damaged(Format::psd);
    return image_of(*header, *channels);
  }
  const auto plain = header->rest.rest();
  if (header->row_bytes() * header->height * header->colours() > plain.size()) return damaged(Format::psd);
  return image_of(*header, plain);
}

}  // namespace fovea
