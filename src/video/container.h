// Container: the video file formats that Fovea reads, recognised by their first bytes. Pure functions;
// thread-safe.
//
// No library guesses the format: bytes without one of these signatures reach no demuxer. So playlists (HLS,
// DASH, concat), images, subtitles and whatever else ffmpeg reads are no videos here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace fovea {

enum class Container : std::uint8_t { none, mp4, matroska, avi, mpeg_ts, mpeg_ps, ogg, flv };

// The container whose signature `source` starts with, or none.
Container container_of(std::span<const std::byte> source);

// As people write it: "MP4". REQUIRES: not none.
std::string_view to_string(Container container);

// All of them, for error messages.
inline constexpr std::string_view containers_read = "MP4, QuickTime, WebM, Matroska, AVI, MPEG-TS, MPEG-PS, Ogg, FLV";

}  // namespace fovea
