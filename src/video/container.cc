#include "video/container.h"

#include <algorithm>
#include <array>

namespace fovea {

namespace {

constexpr std::size_t ts_packet_bytes = 188;

// A file of boxes names the first of them at byte 4. Old QuickTime files begin with another than ftyp. What
// ISO calls an image (HEIC, AVIF) begins with ftyp too, and has no video stream.
constexpr std::array<std::string_view, 6> first_boxes = {"ftyp", "moov", "mdat", "wide", "free", "skip"};

bool is_mpeg_ts(std::string_view text) {
  if (text.size() < 2 * ts_packet_bytes + 1) return false;
  return text[0] == 'G' && text[ts_packet_bytes] == 'G' && text[2 * ts_packet_bytes] == 'G';
}

}  // namespace

Container container_of(std::span<const std::byte> source) {
  const std::string_view text(reinterpret_cast<const char*>(source.data()), source.size());
  if (text.size() >= 8 && std::ranges::contains(first_boxes, text.substr(4, 4))) return Container::mp4;
  if (text.starts_with("\x1A\x45\xDF\xA3")) return Container::matroska;
  if (text.starts_with("RIFF") && text.size() >= 12 && text.substr(8, 4) == "AVI ") return Container::avi;
  if (text.starts_with(std::string_view("\0\0\1\xBA", 4))) return Container::mpeg_ps;
  if (text.starts_with("OggS")) return Container::ogg;
  if (text.starts_with("FLV\1")) return Container::flv;
  return is_mpeg_ts(text) ? Container::mpeg_ts : Container::none;
}

std::string_view to_string(Container container) {
  switch (container) {
    case Container::none:
      return {};
    case Container::mp4:
      return "MP4";
    case Container::matroska:
      return "Matroska";
    case Container::avi:
      return "AVI";
    case Container::mpeg_ts:
      return "MPEG-TS";
    case Container::mpeg_ps:
      return "MPEG-PS";
    case Container::ogg:
      return "Ogg";
    case Container::flv:
      return "FLV";
  }
  return {};
}

}  // namespace fovea
