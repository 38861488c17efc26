// Approach: the demuxer is named to libavformat by the file's signature, and lists of what it may use keep it
// from demuxers and decoders of other kinds, which some containers hold. Its only way to bytes is our reader
// over memory; opening anything else is refused.
//
// Strictness is the decoders' own: AV_EF_EXPLODE makes them fail where they would conceal. What they still
// mark as damaged, and packets that the file has only a part of, are refused here. Concealment stays on all
// the same: only with it do the decoders of pictures in several slices keep count of what came, and mark a
// picture that lacks a part (without it, H.264's marks each that has two slices).
//
// A file whose format does not say how long it is (MPEG-TS, FLV, a WebM that was streamed) and that ends
// between two packets cannot be told from a whole one: it is taken for whole.
//
// A stream that begins in the middle (a recording of a broadcast) is read from its first key frame on.
#include "video/video_stream.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <format>
#include <string>

#include "image/format.h"

namespace fovea {

namespace {

constexpr int io_buffer_bytes = 1 << 15;
constexpr AVRational microseconds{1, 1'000'000};
// Times are sums of a few of these, and recordings of broadcasts count from 1970. A hundred years, an hour.
constexpr std::int64_t time_us_max = 3'155'760'000'000'000, frame_us_max = 3'600'000'000;

struct Demuxer {
  const char* name;  // av_find_input_format's
  const char* list;  // format_whitelist's: what the demuxer calls itself
};

Demuxer demuxer_of(Container container) {
  switch (container) {
    case Container::none:
      break;
    case Container::mp4:
      return {"mov", "mov,mp4,m4a,3gp,3g2,mj2"};
    case Container::matroska:
      return {"matroska", "matroska,webm"};
    case Container::avi:
      return {"avi", "avi"};
    case Container::mpeg_ts:
      return {"mpegts", "mpegts"};
    case Container::mpeg_ps:
      return {"mpeg", "mpeg"};
    case Container::ogg:
      return {"ogg", "ogg"};
    case Container::flv:
      return {"flv", "flv"};
  }
  return {"", ""};
}

constexpr std::array codecs = {AV_CODEC_ID_H264,       AV_CODEC_ID_HEVC,       AV_CODEC_ID_VP8,   AV_CODEC_ID_VP9,
                               AV_CODEC_ID_AV1,        AV_CODEC_ID_MPEG4,      AV_CODEC_ID_MJPEG, AV_CODEC_ID_THEORA,
                               AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_MPEG1VIDEO, AV_CODEC_ID_H263};

// The names of the decoders of `codecs`, as libavformat takes them.
const std::string& decoder_names() {
  static const std::string names = [] {
    std::string list;
    for (const AVCodecID id : codecs) {
      if (const AVCodec* codec = avcodec_find_decoder(id)) list += (list.empty() ? "" : ",") + std::string(codec->name);
    }
    return list;
  }();
  return names;
}

// No file but the one that was sent: a container may name others.
int open_nothing(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) { return AVERROR(EPERM); }

Error not_a_video(std::span<const std::byte> source) {
  constexpr std::size_t looked_at = 1024;
  const std::string_view text(reinterpret_cast<const char*>(source.data()), std::min(source.size(), looked_at));
  std::string seen = "This is not a video that Fovea reads";
  if (const Format image = format_of(source); image != Format::none)
    return {Fault::invalid, std::format("This is a {} picture, not a video: send it as a picture.", to_string(image))};
  if (text.starts_with("#EXTM3U") || text.starts_with("ffconcat") || text.contains("<MPD"))
    seen = "This is a playlist, which only names videos: send a video itself";
  return {Fault::invalid, std::format("{}: {}.", seen, containers_read)};
}

}  // namespace

int VideoStream::read_bytes(void* bytes, std::uint8_t* out, int size) {
  auto& [source, at, watch] = *static_cast<Bytes*>(bytes);
  if (watch->over()) return AVERROR_EXIT;
  const std::size_t count = std::min(static_cast<std::size_t>(size), source.size() - at);
  if (count == 0) return AVERROR_EOF;
  std::memcpy(out, source.data() + at, count);
  at += count;
  return static_cast<int>(count);
}

std::int64_t VideoStream::seek_bytes(void* bytes, std::int64_t offset, int whence) {
  auto& [source, at, watch] = *static_cast<Bytes*>(bytes);
  const auto size = static_cast<std::int64_t>(source.size());
  if ((whence & AVSEEK_SIZE) != 0) return size;
  switch (whence & ~AVSEEK_FORCE) {
    case SEEK_SET:
      break;
    case SEEK_CUR:
      offset += static_cast<std::int64_t>(at);
      break;
    case SEEK_END:
      offset += size;
      break;
    default:
      return AVERROR(EINVAL);
  }
  if (offset < 0) return AVERROR(EINVAL);
  at = static_cast<std::size_t>(std::min(offset, size));  // behind the end there is nothing, as in a file
  return offset;
}

VideoStream::VideoStream(Container container, const VideoLimits& limits, const DecodeWatch& watch)
    : container_(container), limits_(limits), watch_(&watch), packet_(av_packet_alloc()), frame_(av_frame_alloc()) {}

Result<VideoStream> VideoStream::open(std::span<const std::byte> source, const VideoLimits& limits,
                                      const DecodeWatch& watch) {
  if (source.empty()) return fail(Fault::invalid, "The video is empty: it has no bytes.");
  if (source.size() > limits.source_bytes_max) {
    return fail(Fault::too_large, std::format("The video has {} bytes; at most {} are read: send a shorter one.",
                                              source.size(), limits.source_bytes_max));
  }
  const Container container = container_of(source);
  if (container == Container::none) return std::unexpected(not_a_video(source));
  start_libav();
  VideoStream stream(container, limits, watch);
  if (!stream.packet_ || !stream.frame_) return fail(Fault::internal, "There was no memory to decode a video.");
  if (auto opened = stream.open_input(source); !opened) return std::unexpected(opened.error());
  if (auto chosen = stream.choose_stream(); !chosen) return std::unexpected(chosen.error());
  if (auto opened = stream.open_decoder(); !opened) return std::unexpected(opened.error());
  return stream;
}

std::unexpected<Error> VideoStream::failed() const {
  if (watch_->over()) return std::unexpected(watch_->reason());
  return fail(Fault::invalid, std::format("The {} video is damaged or cut short: send it again from the original.",
                                          to_string(container_)));
}

Result<void> VideoStream::open_input(std::span<const std::byte> source) {
  bytes_ = std::make_unique<Bytes>(source, 0, watch_);
  auto* buffer = static_cast<unsigned char*>(av_malloc(io_buffer_bytes));
  io_.reset(avio_alloc_context(buffer, io_buffer_bytes, 0, bytes_.get(), read_bytes, nullptr, seek_bytes));
  AVFormatContext* input = avformat_alloc_context();
  if (!io_ || input == nullptr) return fail(Fault::internal, "There was no memory to decode a video.");
  const Demuxer demuxer = demuxer_of(container_);
  input->pb = io_.get();
  input->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
  input->io_open = open_nothing;
  input->protocol_whitelist = av_strdup("");
  input->format_whitelist = av_strdup(demuxer.list);
  input->codec_whitelist = av_strdup(decoder_names().c_str());
  // A reader over memory waits for nothing, but a demuxer may look for its next packet for long.
  input->interrupt_callback = {[](void* watch) { return static_cast<const DecodeWatch*>(watch)->over() ? 1 : 0; },
                               const_cast<DecodeWatch*>(watch_)};
  // It frees the input where it fails.
  if (avformat_open_input(&input, "", av_find_input_format(demuxer.name), nullptr) < 0) return failed();
  input_.reset(input);
  if (avformat_find_stream_info(input_.get(), nullptr) < 0) return failed();
  return {};
}

Result<void> VideoStream::choose_stream() {
  const int index = av_find_best_stream(input_.get(), AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  const bool found = index >= 0 && index < static_cast<int>(input_->nb_streams);
  if (found) stream_ = input_->streams[index];
  const bool cover = found && (stream_->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
  if (!found || cover) {
    if (watch_->over()) return std::unexpected(watch_->reason());
    const bool sound = av_find_best_stream(input_.get(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0) >= 0;
    return fail(Fault::invalid, std::format("The {} file has no video{}.", to_string(container_),
                                            sound ? ", only sound" : " that can be found"));
  }
  for (unsigned i = 0; i < input_->nb_streams; ++i) {
    if (input_->streams[i] != stream_) input_->streams[i]->discard = AVDISCARD_ALL;
  }
  return {};
}

Result<void> VideoStream::open_decoder() {
  const AVCodecParameters& parameters = *stream_->codecpar;
  if (parameters.codec_id == AV_CODEC_ID_NONE) return failed();  // its header ends before the codec
  const AVCodec* codec =
      std::ranges::contains(codecs, parameters.codec_id) ? avcodec_find_decoder(parameters.codec_id) : nullptr;
  if (codec == nullptr) {
    return fail(Fault::unsupported, std::format("The video's codec ({}) is not read here: {}.",
                                                avcodec_get_name(parameters.codec_id), codecs_read));
  }
  decoder_.reset(avcodec_alloc_context3(codec));
  if (!decoder_ || avcodec_parameters_to_context(decoder_.get(), &parameters) < 0)
    return fail(Fault::internal, "There was no memory to decode a video.");
  decoder_->thread_count = 1;
  decoder_->flags |= AV_CODEC_FLAG_BITEXACT;
  decoder_->idct_algo = FF_IDCT_SIMPLE;
  decoder_->err_recognition = AV_EF_EXPLODE | AV_EF_CRCCHECK;
  decoder_->max_pixels = static_cast<std::int64_t>(limits_.pixels_max);
  decoder_->pkt_timebase = stream_->time_base;
  const auto fits = [&](int width, int height) {
    return width <= static_cast<int>(limits_.side_max) && height <= static_cast<int>(limits_.side_max) &&
           std::int64_t{width} * height <= static_cast<std::int64_t>(limits_.pixels_max);
  };
  if (!fits(parameters.width, parameters.height)) {
    return fail(Fault::too_large,
                std::format("The video's frames have {} x {} pixels; at most {} are read, and no side longer than {}: "
                            "scale it down.",
                            parameters.width, parameters.height, limits_.pixels_max, limits_.side_max));
  }
  if (avcodec_open2(decoder_.get(), codec, nullptr) < 0) return failed();
  return {};
}

// Whether the packet's times, if it has any, are those of a video.
bool VideoStream::has_sane_times() const {
  for (const std::int64_t time : {packet_->pts, packet_->dts, packet_->duration}) {
    if (time != AV_NOPTS_VALUE && !in_us(time)) return false;
  }
  return true;
}

// Reads the next packet of the stream; false at the end.
Result<bool> VideoStream::read_packet() {
  for (;;) {
    av_packet_unref(packet_.get());
    const int read = av_read_frame(input_.get(), packet_.get());
    if (watch_->over()) return failed();
    if (read == AVERROR_EOF) {
      // MP4 lists its packets: they must all have come.
      const int listed = container_ == Container::mp4 ? avformat_index_get_entries_count(stream_) : 0;
      if (static_cast<int>(packets_) < listed) return failed();
      return false;
    }
    if (read < 0) return failed();
    if (packet_->stream_index != stream_->index) continue;
    if ((packet_->flags & AV_PKT_FLAG_CORRUPT) != 0 || !has_sane_times()) return failed();
    if (++packets_ > limits_.packets_max) {
      return fail(Fault::too_large,
                  std::format("The video has more than {} frames: send a shorter one.", limits_.packets_max));
    }
    begun_ = begun_ || (packet_->flags & AV_PKT_FLAG_KEY) != 0;
    if (begun_) return true;
  }
}

std::optional<std::int64_t> VideoStream::in_us(std::int64_t time) const {
  if (time == AV_NOPTS_VALUE) return std::nullopt;
  const std::int64_t us = av_rescale_q(time, stream_->time_base, microseconds);  // its least number where none fits
  return us >= -time_us_max && us <= time_us_max ? std::optional(us) : std::nullopt;
}

std::int64_t VideoStream::usual_frame_us() const {
  constexpr std::int64_t film_us = 40'000;  // 25 a second
  const AVRational rate = stream_->avg_frame_rate;
  const std::int64_t us = rate.num > 0 && rate.den > 0 ? av_rescale_q(1, av_inv_q(rate), microseconds) : film_us;
  return std::clamp<std::int64_t>(us, 0, frame_us_max);
}

Result<std::optional<VideoStream::PacketTime>> VideoStream::next_packet() {
  for (;;) {
    const auto more = read_packet();
    if (!more) return std::unexpected(more.error());
    if (!*more) return std::nullopt;
    if ((packet_->flags & AV_PKT_FLAG_DISCARD) != 0) continue;  // decoded, but never shown
    const std::int64_t time = packet_->pts != AV_NOPTS_VALUE ? packet_->pts : packet_->dts;
    const auto lasts = packet_->duration > 0 ? in_us(packet_->duration) : std::nullopt;
    return PacketTime{in_us(time), lasts.value_or(usual_frame_us())};
  }
}

Result<void> VideoStream::check_frame() const {
  if ((frame_->flags & AV_FRAME_FLAG_CORRUPT) != 0 || frame_->decode_error_flags != 0) return failed();
  const auto width = static_cast<std::uint64_t>(frame_->width), height = static_cast<std::uint64_t>(frame_->height);
  if (std::max(width, height) <= limits_.side_max && width * height <= limits_.pixels_max) return {};
  return fail(Fault::too_large, std::format("A frame of the video has {} x {} pixels; at most {} are read, and no side "
                                            "longer than {}: scale it down.",
                                            width, height, limits_.pixels_max, limits_.side_max));
}

Result<const AVFrame*> VideoStream::next_frame() {
  for (;;) {
    if (watch_->over()) return failed();
    const int received = avcodec_receive_frame(decoder_.get(), frame_.get());
    if (received == 0) {
      if (auto whole = check_frame(); !whole) return std::unexpected(whole.error());
      return frame_.get();
    }
    if (received == AVERROR_EOF) return nullptr;
    if (received != AVERROR(EAGAIN) || draining_) return failed();
    const auto more = read_packet();
    if (!more) return std::unexpected(more.error());
    draining_ = !*more;
    if (avcodec_send_packet(decoder_.get(), *more ? packet_.get() : nullptr) < 0) return failed();
  }
}

std::optional<std::int64_t> VideoStream::time_of(const AVFrame& frame) const {
  return in_us(frame.best_effort_timestamp);
}

}  // namespace fovea
