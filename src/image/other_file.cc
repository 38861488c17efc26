// Signatures come first, as tables. What has none may be text, and of text the first letters tell the kind.
#include "image/other_file.h"

#include <algorithm>
#include <array>
#include <format>
#include <optional>
#include <string>
#include <string_view>

#include "image/format.h"

namespace fovea {

namespace {

using std::string_view_literals::operator""sv;

// What was seen, and what to do about it.
struct Kind {
  std::string_view name;
  std::string_view advice;
};

constexpr std::string_view save = "save it as PNG or JPEG";
constexpr std::string_view draw = "draw it to a PNG first";
constexpr std::string_view send_file = "send the picture's own bytes";

struct Signature {
  std::string_view bytes;
  Kind kind;
  std::size_t at = 0;
};

constexpr std::array signatures{
    Signature{"%PDF-"sv, {"a PDF document", "send its pages as PNG or JPEG pictures"}},
    Signature{"%!PS"sv, {"a PostScript or EPS file", draw}},
    Signature{"\xC5\xD0\xD3\xC6"sv, {"an EPS file", draw}},
    Signature{"\xFF\x0A"sv, {"a JPEG XL", save}},
    Signature{"\0\0\0\x0CJXL \r\n\x87\n"sv, {"a JPEG XL", save}},
    Signature{"\0\0\0\x0CjP  \r\n\x87\n"sv, {"a JPEG 2000", save}},
    Signature{"\xFF\x4F\xFF\x51"sv, {"a JPEG 2000", save}},
    Signature{"\0\0\1\0"sv, {"an ICO icon", save}},
    Signature{"\0\0\2\0"sv, {"a CUR cursor", save}},
    Signature{"icns"sv, {"an ICNS icon", save}},
    Signature{"\xD7\xCD\xC6\x9A"sv, {"a WMF drawing", draw}},
    Signature{" EMF"sv, {"an EMF drawing", draw}, 40},
    Signature{"\x76\x2F\x31\x01"sv, {"an OpenEXR", save}},
    Signature{"#?RADIANCE"sv, {"a Radiance HDR", save}},
    Signature{"#?RGBE"sv, {"a Radiance HDR", save}},
    Signature{"DDS "sv, {"a DDS texture", save}},
    Signature{"\xABKTX "sv, {"a KTX texture", save}},
    Signature{"qoif"sv, {"a QOI", save}},
    Signature{"P7\n"sv, {"a PAM", save}},
    Signature{"PF\n"sv, {"a PFM", save}},
    Signature{"Pf\n"sv, {"a PFM", save}},
    Signature{"8BPS\0\2"sv, {"a PSB document", save}},
    Signature{"gimp xcf"sv, {"a GIMP XCF document", save}},
    Signature{"FLIF"sv, {"a FLIF", save}},
    Signature{"CR"sv, {"a camera's raw file", "develop it to a JPEG"}, 8},
    Signature{"FUJIFILMCCD-RAW"sv, {"a camera's raw file", "develop it to a JPEG"}},
    Signature{"SIMPLE  ="sv, {"a FITS file", save}},
    Signature{"DICM"sv, {"a DICOM file", save}, 128},
    Signature{"AVI "sv, {"an AVI video", "send a video as video_url, or its frames as pictures"}, 8},
    Signature{"WAVE"sv, {"a WAV recording", "send a picture"}, 8},
    Signature{"\x1A\x45\xDF\xA3"sv,
              {"a WebM or Matroska video", "send a video as video_url, or its frames as pictures"}},
    Signature{"\0\0\1\xBA"sv, {"an MPEG video", "send a video as video_url, or its frames as pictures"}},
    Signature{"ID3"sv, {"an MP3 recording", "send a picture"}},
    Signature{"OggS"sv, {"an Ogg file", "send a picture"}},
    Signature{"fLaC"sv, {"a FLAC recording", "send a picture"}},
    Signature{"PK\3\4"sv, {"a ZIP archive or an Office document", "send the pictures in it one by one"}},
    Signature{"\x1F\x8B"sv, {"gzip data", "unpack it, and send the picture"}},
    Signature{"\x28\xB5\x2F\xFD"sv, {"zstd data", "unpack it, and send the picture"}},
    Signature{"BZh"sv, {"bzip2 data", "unpack it, and send the picture"}},
    Signature{"\xFD"
              "7zXZ"sv,
              {"xz data", "unpack it, and send the picture"}},
    Signature{"7z\xBC\xAF"sv, {"a 7z archive", "send the pictures in it one by one"}},
    Signature{"Rar!"sv, {"a RAR archive", "send the pictures in it one by one"}},
    Signature{"\x7F"
              "ELF"sv,
              {"a program", "send a picture"}},
    Signature{"MZ"sv, {"a program", "send a picture"}},
    Signature{"SQLite format 3"sv, {"a database", "send a picture"}},
    Signature{"\x93NUMPY"sv, {"a NumPy array", save}},
    Signature{"GGUF"sv, {"a GGUF model", "send a picture"}},
    // Base64 of pictures.
    Signature{"/9j/"sv, {"base64 of a JPEG: it was encoded twice", send_file}},
    Signature{"iVBORw0KGgo"sv, {"base64 of a PNG: it was encoded twice", send_file}},
    Signature{"R0lGOD"sv, {"base64 of a GIF: it was encoded twice", send_file}},
    Signature{"UklGR"sv, {"base64 of a WebP: it was encoded twice", send_file}},
};

// Beginnings of text, in lower case.
constexpr std::array texts{
    Signature{"<svg", {"an SVG", draw}},
    Signature{"<!doctype svg", {"an SVG", draw}},
    Signature{"<!doctype html", {"a web page", "send the picture's own address or bytes, not a page that shows it"}},
    Signature{"<html", {"a web page", "send the picture's own address or bytes, not a page that shows it"}},
    Signature{"<?xml", {"an XML document", "send a picture"}},
    Signature{"{", {"JSON", "send the picture itself: perhaps an error message was saved in its place"}},
    Signature{"[", {"JSON", "send the picture itself: perhaps an error message was saved in its place"}},
    Signature{"data:", {"a data: URL as text: it was wrapped twice", send_file}},
    Signature{"http://", {"an address as text", "send it as the address of an image_url"}},
    Signature{"https://", {"an address as text", "send it as the address of an image_url"}},
    Signature{"/* xpm", {"an XPM", save}},
    Signature{"#define", {"an XBM", save}},
    Signature{"version https://git-lfs", {"a pointer of Git LFS", "fetch the file that it stands for, and send that"}},
};

constexpr std::size_t text_bytes = 1024;  // of a text, what is looked at

std::string lower_head(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);  // a byte order mark
  bytes.remove_prefix(std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size()));
  std::string head(bytes.substr(0, text_bytes));
  std::ranges::transform(head, head.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return head;
}

// No control characters but white space: UTF-8 and its relatives are text.
bool is_text(std::string_view head) {
  constexpr std::string_view space = "\t\n\f\r\x1B";
  return std::ranges::all_of(head, [&](char c) { return static_cast<unsigned char>(c) >= ' ' || space.contains(c); });
}

std::optional<Kind> text_kind(std::string_view bytes) {
  const std::string head = lower_head(bytes);
  if (!is_text(head)) return std::nullopt;
  // Behind an XML declaration and comments.
  if ((head.starts_with("<?xml") || head.starts_with("<!--")) && head.contains("<svg")) return Kind{"an SVG", draw};
  for (const Signature& known : texts) {
    if (head.starts_with(known.bytes)) return known.kind;
  }
  return Kind{"text", "send a picture's bytes"};
}

// Boxes of ISO's base media format: films, and pictures whose brands format_of() does not know.
std::optional<Kind> boxed_kind(std::string_view head) {
  if (head.substr(4, 4) != "ftyp") return std::nullopt;
  const std::string_view brand = head.substr(8, 4);
  if (brand == "crx ") return Kind{"a camera's raw file", "develop it to a JPEG"};
  if (brand == "msf1" || brand == "hevc" || brand == "avis") return Kind{"a sequence of pictures", "send one of them"};
  if (brand.starts_with("M4A")) return Kind{"an audio recording", "send a picture"};
  return Kind{"an MP4 or QuickTime video", "send a video as video_url, or its frames as pictures"};
}

Kind kind_of(std::string_view bytes) {
  if (bytes.size() >= 12) {
    if (const auto boxed = boxed_kind(bytes)) return *boxed;
  }
  for (const Signature& known : signatures) {
    if (bytes.size() >= known.at && bytes.substr(known.at).starts_with(known.bytes)) return known.kind;
  }
  return text_kind(bytes).value_or(Kind{"no picture that is known", "send another format"});
}

}  // namespace

Error not_read(std::span<const std::byte> source) {
  const Kind kind = kind_of({reinterpret_cast<const char*>(source.data()), source.size()});
  return {Fault::invalid, std::format("This is {}; Fovea reads {}: {}.", kind.name, formats_read, kind.advice)};
}

}  // namespace fovea
