#include "video/make_clip.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/check.h"
#include "video/libav.h"

namespace fovea::test {

namespace {

void ok(int result) { check(result >= 0, "ffmpeg's libraries can encode a clip for a test"); }

// A file in memory that muxers write, also in places that they have written before.
struct MemoryFile {
  std::string bytes;
  std::size_t at = 0;

  static int write(void* file, const std::uint8_t* data, int size) {
    auto& [bytes, at] = *static_cast<MemoryFile*>(file);
    bytes.resize(std::max(bytes.size(), at + static_cast<std::size_t>(size)));
    std::memcpy(bytes.data() + at, data, static_cast<std::size_t>(size));
    at += static_cast<std::size_t>(size);
    return size;
  }

  static std::int64_t seek(void* file, std::int64_t offset, int whence) {
    auto& [bytes, at] = *static_cast<MemoryFile*>(file);
    if ((whence & AVSEEK_SIZE) != 0) return static_cast<std::int64_t>(bytes.size());
    at = static_cast<std::size_t>(offset) + (whence == SEEK_CUR ? at : whence == SEEK_END ? bytes.size() : 0);
    return static_cast<std::int64_t>(at);
  }
};

class Maker {
 public:
  explicit Maker(const ClipSpec& spec) : spec_(spec), packet_(av_packet_alloc()) {
    av_log_set_level(AV_LOG_QUIET);
    ok(avformat_alloc_output_context2(&out_, nullptr, spec.container.c_str(), nullptr));
    out_->flags |= AVFMT_FLAG_BITEXACT;
    constexpr int buffer_bytes = 4096;
    auto* buffer = static_cast<unsigned char*>(av_malloc(buffer_bytes));
    io_.reset(avio_alloc_context(buffer, buffer_bytes, 1, &file_, nullptr, MemoryFile::write, MemoryFile::seek));
    out_->pb = io_.get();
  }

  Blob make(const DrawFrame& draw) {
    if (!spec_.encoder.empty()) open_video();
    if (spec_.sound) open_sound();
    AVDictionary* options = nullptr;
    for (const auto& [name, value] : spec_.muxer) av_dict_set(&options, name.c_str(), value.c_str(), 0);
    ok(avformat_write_header(out_, &options));
    av_dict_free(&options);
    if (video_ != nullptr) {
      for (std::uint32_t i = 0; i < spec_.frames; ++i) send(*video_, *picture(i, draw(i)));
      drain(*video_);
    }
    if (sound_ != nullptr) send_silence();
    ok(av_write_trailer(out_));
    avio_flush(io_.get());
    avcodec_free_context(&video_);
    avcodec_free_context(&sound_);
    avformat_free_context(out_);
    return Blob::copy_of(file_.bytes);
  }

 private:
  void open_video() {
    const AVCodec* codec = avcodec_find_encoder_by_name(spec_.encoder.c_str());
    check(codec != nullptr, "the encoder is there");
    video_ = avcodec_alloc_context3(codec);
    video_->width = static_cast<int>(spec_.width);
    video_->height = static_cast<int>(spec_.height);
    video_->time_base = spec_.times.empty() ? AVRational{1, spec_.fps} : AVRational{1, 1000};
    video_->framerate = {spec_.fps, 1};
    video_->pix_fmt = spec_.encoder == "mjpeg" ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_YUV420P;
    video_->color_range = spec_.encoder == "mjpeg" ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    video_->thread_count = 1;
    video_->flags |= AV_CODEC_FLAG_BITEXACT | AV_CODEC_FLAG_QSCALE;
    video_->global_quality = 2 * FF_QP2LAMBDA;
    video_->bit_rate = 2'000'000;
    if ((out_->oformat->flags & AVFMT_GLOBALHEADER) != 0) video_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    AVDictionary* options = nullptr;
    for (const auto& [name, value] : spec_.with) av_dict_set(&options, name.c_str(), value.c_str(), 0);
    ok(avcodec_open2(video_, codec, &options));
    av_dict_free(&options);
    AVStream* stream = add_stream(*video_);
    stream->avg_frame_rate = video_->framerate;
    if (spec_.turn == 0) return;
    AVPacketSideData* side =
        av_packet_side_data_new(&stream->codecpar->coded_side_data, &stream->codecpar->nb_coded_side_data,
                                AV_PKT_DATA_DISPLAYMATRIX, 9 * sizeof(std::int32_t), 0);
    check(side != nullptr, "there is memory");
    av_display_rotation_set(reinterpret_cast<std::int32_t*>(side->data), -spec_.turn);
  }

  void open_sound() {
    sound_ = avcodec_alloc_context3(avcodec_find_encoder(AV_CODEC_ID_AAC));
    sound_->sample_rate = 44'100;
    sound_->sample_fmt = AV_SAMPLE_FMT_FLTP;
    sound_->bit_rate = 32'000;
    av_channel_layout_default(&sound_->ch_layout, 1);
    sound_->time_base = {1, sound_->sample_rate};
    if ((out_->oformat->flags & AVFMT_GLOBALHEADER) != 0) sound_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    ok(avcodec_open2(sound_, sound_->codec, nullptr));
    add_stream(*sound_);
  }

  AVStream* add_stream(const AVCodecContext& encoder) {
    AVStream* stream = avformat_new_stream(out_, nullptr);
    ok(avcodec_parameters_from_context(stream->codecpar, &encoder));
    stream->time_base = encoder.time_base;
    return stream;
  }

  // `image` as the encoder takes it.
  FrameHandle picture(std::uint32_t index, const DecodedImage& image) {
    FrameHandle frame(av_frame_alloc());
    frame->format = video_->pix_fmt;
    frame->width = video_->width;
    frame->height = video_->height;
    frame->color_range = video_->color_range;
    frame->quality = video_->global_quality;
    ok(av_frame_get_buffer(frame.get(), 0));
    const ScalerHandle scaler(sws_getContext(frame->width, frame->height, AV_PIX_FMT_RGB24, frame->width, frame->height,
                                             video_->pix_fmt, SWS_BILINEAR | SWS_ACCURATE_RND | SWS_BITEXACT, nullptr,
                                             nullptr, nullptr));
    const std::array<const std::uint8_t*, 1> from = {
        reinterpret_cast<const std::uint8_t*>(image.pixels.bytes().data())};
    const std::array<int, 1> row_bytes = {frame->width * static_cast<int>(image_channels)};
    ok(sws_scale(scaler.get(), from.data(), row_bytes.data(), 0, frame->height, frame->data, frame->linesize));
    frame->pts = spec_.times.empty() ? index : spec_.times[index];
    return frame;
  }

  void send(AVCodecContext& encoder, const AVFrame& frame) {
    ok(avcodec_send_frame(&encoder, &frame));
    write_packets(encoder);
  }

  void drain(AVCodecContext& encoder) {
    ok(avcodec_send_frame(&encoder, nullptr));
    write_packets(encoder);
  }

  void write_packets(AVCodecContext& encoder) {
    const int index = &encoder == video_ ? 0 : static_cast<int>(out_->nb_streams) - 1;
    while (avcodec_receive_packet(&encoder, packet_.get()) == 0) {
      packet_->stream_index = index;
      if (packet_->duration == 0 && spec_.times.empty() && &encoder == video_) packet_->duration = 1;
      av_packet_rescale_ts(packet_.get(), encoder.time_base, out_->streams[index]->time_base);
      ok(av_interleaved_write_frame(out_, packet_.get()));
    }
  }

  void send_silence() {
    FrameHandle frame(av_frame_alloc());
    frame->format = sound_->sample_fmt;
    frame->nb_samples = sound_->frame_size;
    ok(av_channel_layout_copy(&frame->ch_layout, &sound_->ch_layout));
    ok(av_frame_get_buffer(frame.get(), 0));
    std::memset(frame->data[0], 0, static_cast<std::size_t>(frame->linesize[0]));
    for (int i = 0; i < 20; ++i) {
      frame->pts = std::int64_t{i} * sound_->frame_size;
      send(*sound_, *frame);
    }
    drain(*sound_);
  }

  const ClipSpec& spec_;
  const PacketHandle packet_;
  MemoryFile file_;
  IoHandle io_;
  AVFormatContext* out_ = nullptr;
  AVCodecContext* video_ = nullptr;
  AVCodecContext* sound_ = nullptr;
};

template <typename Level>
DecodedImage drawn(std::uint32_t width, std::uint32_t height, const Level& level) {
  const auto fill = [&](std::span<std::byte> out) {
    for (std::uint32_t i = 0; i < width * height; ++i)
      std::ranges::fill(out.subspan(std::size_t{i} * image_channels, image_channels),
                        std::byte{level(i % width, i / width)});
  };
  return {width, height, Blob::filled(std::size_t{width} * height * image_channels, fill)};
}

}  // namespace

Blob make_clip(const ClipSpec& spec, const DrawFrame& draw) { return Maker(spec).make(draw); }

DecodedImage moving_square(std::uint32_t index, std::uint32_t width, std::uint32_t height) {
  const std::uint32_t columns = width / 8, place = index % (columns * (height / 8));
  return drawn(width, height, [=](std::uint32_t x, std::uint32_t y) -> std::uint8_t {
    if (x / 8 == place % columns && y / 8 == place / columns) return 235;
    return static_cast<std::uint8_t>(60 + 4 * (x / 8 % 8) + 3 * (y / 8 % 8));
  });
}

DecodedImage grey(std::uint8_t level, std::uint32_t width, std::uint32_t height) {
  return drawn(width, height, [=](std::uint32_t, std::uint32_t) { return level; });
}

int difference(const DecodedImage& a, const DecodedImage& b) {
  if (a.width != b.width || a.height != b.height) return 256;
  int largest = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i)
    largest =
        std::max(largest, std::abs(static_cast<int>(a.pixels.bytes()[i]) - static_cast<int>(b.pixels.bytes()[i])));
  return largest;
}

Blob cut(const Blob& source, double share) {
  return Blob::copy_of(source.bytes().first(static_cast<std::size_t>(static_cast<double>(source.size()) * share)));
}

}  // namespace fovea::test
