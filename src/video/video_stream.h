// VideoStream: the video stream of a file's bytes: its packets, and the frames that they decode to.
//
// The bytes are hostile. Only the demuxers of container.h and the codecs of codecs_read see them. Nothing but
// these bytes is read: no protocol, no other file. One thread decodes, and all arithmetic is the bit-exact
// kind, so that the same bytes give the same pixels every time. A video is refused where its codec meets
// damage: no frame is given that the codec had to guess a part of.
//
// For one thread. Borrows the bytes and the watch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "fovea/result.h"
#include "video/container.h"
#include "video/decode_watch.h"
#include "video/libav.h"
#include "video/video_limits.h"

namespace fovea {

// For error messages.
inline constexpr std::string_view codecs_read = "H.264, HEVC, VP8, VP9, AV1, MPEG-4, MPEG-2, MPEG-1, MJPEG, Theora";

class VideoStream {
 public:
  // Faults: invalid (empty, no video, damaged), unsupported (a codec that is not read), too_large (over a
  // limit), cancelled, internal.
  static Result<VideoStream> open(std::span<const std::byte> source, const VideoLimits& limits,
                                  const DecodeWatch& watch);

  // When a packet's picture is shown and for how long, in microseconds; the time is absent where the file
  // does not say it.
  struct PacketTime {
    std::optional<std::int64_t> at_us;
    std::int64_t lasts_us = 0;
  };
  // The next packet, which is not decoded then; nullopt at the end. Either this or next_frame() is called.
  // Faults: invalid (damaged), too_large, cancelled.
  Result<std::optional<PacketTime>> next_packet();

  // The next frame in the order in which they are shown, valid until the next call; null at the end.
  // Faults: those of next_packet().
  Result<const AVFrame*> next_frame();

  // A frame's time in microseconds, if there is one.
  std::optional<std::int64_t> time_of(const AVFrame& frame) const;

  // Of a packet of which the file does not say how long it lasts.
  std::int64_t usual_frame_us() const;

 private:
  // The file, as libavformat reads it.
  struct Bytes {
    std::span<const std::byte> source;
    std::size_t at = 0;
    const DecodeWatch* watch = nullptr;
  };

  VideoStream(Container container, const VideoLimits& limits, const DecodeWatch& watch);
  Result<void> open_input(std::span<const std::byte> source);
  Result<void> choose_stream();
  Result<void> open_decoder();
  Result<bool> read_packet();
  bool has_sane_times() const;
  Result<void> check_frame() const;
  std::unexpected<Error> failed() const;
  // nullopt where there is no time, or none that a video has.
  std::optional<std::int64_t> in_us(std::int64_t time) const;

  static int read_bytes(void* bytes, std::uint8_t* out, int size);
  static std::int64_t seek_bytes(void* bytes, std::int64_t offset, int whence);

  Container container_;
  VideoLimits limits_;
  const DecodeWatch* watch_;
  std::unique_ptr<Bytes> bytes_;
  IoHandle io_;  // goes after the input
  InputHandle input_;
  AVStream* stream_ = nullptr;  // the input's
  DecoderHandle decoder_;
  PacketHandle packet_;
  FrameHandle frame_;
  std::uint32_t packets_ = 0;
  bool begun_ = false;     // a key frame was met
  bool draining_ = false;  // all packets were given to the decoder
};

}  // namespace fovea
