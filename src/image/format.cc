// Signatures are compared with fixed bytes at fixed places. HEIF is a container that films use too, so its
// brands decide.
#include "image/format.h"

#include <algorithm>
#include <array>

namespace fovea {

namespace {

// Holds every signature below and a HEIF file's first compatible brands.
constexpr std::size_t signature_bytes = 64;

// A HEIF file begins with a box: 4 bytes of length, "ftyp", the major brand, 4 bytes of version, then
// compatible brands. MP4 films begin alike, so one of the brands must be that of a still image.
bool is_heif(std::string_view head) {
  constexpr std::array<std::string_view, 4> picture_brands{"heic", "heix", "avif", "mif1"};
  if (head.size() < 12 || head.substr(4, 4) != "ftyp") return false;
  // Boxes of more than 255 bytes are truncated anyway.
  const auto box_bytes = static_cast<unsigned char>(head[3]);
  head = head.substr(0, std::max<std::size_t>(box_bytes, 12));
  for (std::size_t at = 8; at + 4 <= head.size(); at += 4) {
    if (at != 12 && std::ranges::contains(picture_brands, head.substr(at, 4))) return true;
  }
  return false;
}

}  // namespace

Format format_of(std::span<const std::byte> source) {
  const std::string_view head(reinterpret_cast<const char*>(source.data()), std::min(source.size(), signature_bytes));
  if (head.starts_with("\xFF\xD8\xFF")) return Format::jpeg;
  if (head.starts_with("\x89PNG\r\n\x1A\n")) return Format::png;
  if (head.starts_with("RIFF") && head.size() >= 12 && head.substr(8, 4) == "WEBP") return Format::webp;
  if (head.starts_with("GIF87a") || head.starts_with("GIF89a")) return Format::gif;
  if (is_heif(head)) return Format::heif;
  return Format::none;
}

std::string_view to_string(Format format) {
  switch (format) {
    case Format::none:
      return "none";
    case Format::jpeg:
      return "JPEG";
    case Format::png:
      return "PNG";
    case Format::webp:
      return "WebP";
    case Format::gif:
      return "GIF";
    case Format::heif:
      return "HEIC or AVIF";
  }
  return "none";
}

std::string_view media_type(Format format) {
  switch (format) {
    case Format::none:
      break;
    case Format::jpeg:
      return "image/jpeg";
    case Format::png:
      return "image/png";
    case Format::webp:
      return "image/webp";
    case Format::gif:
      return "image/gif";
    case Format::heif:
      return "image/heic";
  }
  return "application/octet-stream";
}

}  // namespace fovea
