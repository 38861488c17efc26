// Signatures are compared with fixed bytes at fixed places. HEIF is a container that films use too, so its
// brands decide.
#include "image/format.h"

#include <algorithm>
#include <array>

namespace fovea {

using std::string_view_literals::operator""sv;

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

bool is_tiff(std::string_view head) {
  constexpr std::array<std::string_view, 4> signatures{"II*\0"sv, "MM\0*"sv, "II+\0"sv, "MM\0+"sv};
  return std::ranges::contains(signatures, head.substr(0, 4)) &&
         !(head.size() >= 10 && head.substr(8, 2) == "CR");  // Canon's raw files
}

// Two letters are little: the size of the header behind them must be one that there is.
bool is_bmp(std::string_view head) {
  constexpr std::array<std::string_view, 7> sizes{"\x0C\0\0\0"sv, "\x28\0\0\0"sv, "\x34\0\0\0"sv, "\x38\0\0\0"sv,
                                                  "\x40\0\0\0"sv, "\x6C\0\0\0"sv, "\x7C\0\0\0"sv};
  return head.starts_with("BM") && head.size() >= 18 && std::ranges::contains(sizes, head.substr(14, 4));
}

bool is_pnm(std::string_view head) {
  constexpr std::string_view space = " \t\r\n\v\f#";
  return head.size() >= 3 && head[0] == 'P' && head[1] >= '1' && head[1] <= '6' && space.contains(head[2]);
}

// TGA has no signature: all of its header must make sense. Text and ZIP files, icons and films do not.
bool is_tga(std::string_view head) {
  constexpr std::size_t header_bytes = 18;
  if (head.size() < header_bytes) return false;
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(head[at]); };
  const unsigned palettes = byte(1), type = byte(2) & 7U, pixel_bits = byte(16);
  const bool has_size = (byte(12) | byte(13)) != 0 && (byte(14) | byte(15)) != 0;
  if (palettes > 1 || (byte(2) & ~15U) != 0 || !has_size || byte(17) > 63) return false;
  constexpr std::array<unsigned, 4> colour_bits{15, 16, 24, 32};
  if (type == 1) return palettes == 1 && pixel_bits == 8 && std::ranges::contains(colour_bits, byte(7));
  if (type == 2) return std::ranges::contains(colour_bits, pixel_bits) && byte(2) != 0;
  return type == 3 && (pixel_bits == 8 || pixel_bits == 16);
}

}  // namespace

Format format_of(std::span<const std::byte> source) {
  const std::string_view head(reinterpret_cast<const char*>(source.data()), std::min(source.size(), signature_bytes));
  if (head.starts_with("\xFF\xD8\xFF")) return Format::jpeg;
  if (head.starts_with("\x89PNG\r\n\x1A\n")) return Format::png;
  if (head.starts_with("RIFF") && head.size() >= 12 && head.substr(8, 4) == "WEBP") return Format::webp;
  if (head.starts_with("GIF87a") || head.starts_with("GIF89a")) return Format::gif;
  if (is_heif(head)) return Format::heif;
  if (is_tiff(head)) return Format::tiff;
  if (is_bmp(head)) return Format::bmp;
  if (head.starts_with("8BPS\0\1"sv)) return Format::psd;
  if (is_pnm(head)) return Format::pnm;
  if (is_tga(head)) return Format::tga;  // the weakest comes last
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
    case Format::tiff:
      return "TIFF";
    case Format::bmp:
      return "BMP";
    case Format::tga:
      return "TGA";
    case Format::pnm:
      return "PNM";
    case Format::psd:
      return "PSD";
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
    case Format::tiff:
      return "image/tiff";
    case Format::bmp:
      return "image/bmp";
    case Format::tga:
      return "image/x-tga";
    case Format::pnm:
      return "image/x-portable-anymap";
    case Format::psd:
      return "image/vnd.adobe.photoshop";
  }
  return "application/octet-stream";
}

}  // namespace fovea
