// The four formats that requests have. Each says its sides in the first bytes, but for JPEG, whose segments
// are stepped over until one begins a frame. An audit of a log without decoding needs no more.
#include "audit/log/content/picture_size.h"

#include <string_view>

#include "image/format.h"

namespace fovea {

namespace {

using Bytes = std::span<const std::byte>;

std::uint32_t at(Bytes bytes, std::size_t place) { return std::to_integer<std::uint32_t>(bytes[place]); }
std::uint32_t big_16(Bytes bytes, std::size_t place) { return at(bytes, place) << 8 | at(bytes, place + 1); }
std::uint32_t big_32(Bytes bytes, std::size_t place) { return big_16(bytes, place) << 16 | big_16(bytes, place + 2); }
std::uint32_t little_16(Bytes bytes, std::size_t place) { return at(bytes, place + 1) << 8 | at(bytes, place); }
std::uint32_t little_24(Bytes bytes, std::size_t place) { return at(bytes, place + 2) << 16 | little_16(bytes, place); }

std::string_view name_at(Bytes bytes, std::size_t place) {
  return {reinterpret_cast<const char*>(bytes.data()) + place, 4};
}

std::optional<PictureSize> png_size(Bytes source) {
  if (source.size() < 24) return std::nullopt;
  return PictureSize{big_32(source, 16), big_32(source, 20)};
}

std::optional<PictureSize> gif_size(Bytes source) {
  if (source.size() < 10) return std::nullopt;
  return PictureSize{little_16(source, 6), little_16(source, 8)};
}

std::optional<PictureSize> webp_size(Bytes source) {
  if (source.size() < 30) return std::nullopt;
  const std::string_view chunk = name_at(source, 12);
  if (chunk == "VP8 ") return PictureSize{little_16(source, 26) & 0x3fff, little_16(source, 28) & 0x3fff};
  if (chunk == "VP8X") return PictureSize{little_24(source, 24) + 1, little_24(source, 27) + 1};
  if (chunk != "VP8L") return std::nullopt;
  const std::uint32_t low = little_16(source, 21), high = little_16(source, 23);  // 14 bits each
  return PictureSize{(low & 0x3fff) + 1, ((low >> 14) | ((high & 0xfff) << 2)) + 1};
}

// Whether a segment of this marker begins a frame: C0 to CF but for tables (C4), CC and the reserved C8.
bool begins_frame(std::uint32_t marker) {
  return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

std::optional<PictureSize> jpeg_size(Bytes source) {
  std::size_t place = 2;
  while (place + 9 <= source.size()) {
    if (at(source, place) != 0xff) return std::nullopt;
    const std::uint32_t marker = at(source, place + 1);
    if (marker == 0xff) {  // filled
      ++place;
      continue;
    }
    if (begins_frame(marker)) return PictureSize{big_16(source, place + 7), big_16(source, place + 5)};
    const bool alone = marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    place += alone ? 2 : 2 + big_16(source, place + 2);
  }
  return std::nullopt;
}

}  // namespace

std::optional<PictureSize> picture_size(std::span<const std::byte> source) {
  switch (format_of(source)) {
    case Format::jpeg:
      return jpeg_size(source);
    case Format::png:
      return png_size(source);
    case Format::webp:
      return webp_size(source);
    case Format::gif:
      return gif_size(source);
    default:
      return std::nullopt;
  }
}

}  // namespace fovea
