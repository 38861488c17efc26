// What is known of a video lives as long as the process: it was decoded by the libraries that are loaded, and
// needs no name for their version. It is no tenant's, like a source alias: it says what bytes decode to, and
// whoever asks has the bytes.
#include "video/video_clip.h"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "store/byte_io.h"
#include "store/level_stores.h"
#include "video/decode_watch.h"
#include "video/sampled_frames.h"

namespace fovea {

namespace {

// Some 2,000 clips of 32 frames.
constexpr std::uint64_t known_bytes_max = 4 << 20;

// A pass that waits for its next frame to be asked for has its decoder's frames, some twenty: 250 MB of a 4K
// video. Beyond these, it begins again at the next frame.
constexpr std::uint32_t open_passes_max = 8;

// Whoever waits for its turn to decode looks this often whether it still may: beside a decode it is nothing.
constexpr auto turn_poll = std::chrono::milliseconds(2);

const Key& everybody() {
  static const Key scope = KeyBuilder("fovea/video-scope/1").finish();
  return scope;
}

Key clip_key(const Blob& source, const FrameSampling& sampling) {
  KeyBuilder key("fovea/video/1");
  key.field(source.bytes()).field(sampling.fps);
  key.field(sampling.num_frames.has_value()).field(sampling.num_frames.value_or(0)).field(sampling.frames_max);
  return key.finish();
}

std::vector<ClipFrame> frames_in(const Blob& payload) {
  ByteReader in(payload.bytes());
  std::vector<ClipFrame> frames;
  for (std::uint32_t left = in.u32(); left > 0; --left) {
    ClipFrame& frame = frames.emplace_back();
    frame.image_key = in.key();
    frame.width = in.u32();
    frame.height = in.u32();
    frame.at_us = static_cast<std::int64_t>(in.u64());
  }
  return in.finished() ? frames : std::vector<ClipFrame>();
}

Blob record_of(std::span<const ClipFrame> frames, double decode_ms) {
  ByteWriter payload;
  payload.u32(static_cast<std::uint32_t>(frames.size()));
  for (const ClipFrame& frame : frames) {
    payload.key(frame.image_key).u32(frame.width).u32(frame.height).u64(static_cast<std::uint64_t>(frame.at_us));
  }
  return encode_record(
      {.kind = RecordKind::source_alias, .scope = everybody(), .cost_ms = decode_ms, .made_unix_ms = unix_time_ms()},
      payload.written());
}

// A turn to decode, while the watch goes on. Null where the watch was over before there was one.
class Turn {
 public:
  Turn(Semaphore& decodes, DecodeWatch& watch) : watch_(watch) {
    while (!watch_.over() && !(permit_ = decodes.try_acquire())) std::this_thread::sleep_for(turn_poll);
    watch_.go_on();
  }
  ~Turn() { watch_.pause(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  explicit operator bool() const { return permit_ != nullptr; }

 private:
  DecodeWatch& watch_;
  Semaphore::Permit permit_;
};

std::vector<std::optional<DecodedImage>> in_places(std::vector<DecodedImage> kept) {
  return {std::make_move_iterator(kept.begin()), std::make_move_iterator(kept.end())};
}

}  // namespace

Result<void> check_video(const Blob& source, const VideoLimits& limits, std::stop_token stop) {
  const auto pass = SampledFrames::open(source.bytes(), {}, limits, std::move(stop));
  if (!pass) return std::unexpected(pass.error());
  return {};
}

VideoClip::VideoClip(Video video, std::vector<ClipFrame> frames, std::vector<DecodedImage> kept)
    : video_(std::move(video)), frames_(std::move(frames)), kept_(in_places(std::move(kept))) {}

VideoClip::~VideoClip() = default;

std::optional<DecodedImage> VideoClip::take(std::size_t frame) {
  MutexLock lock(mutex_);
  return frame < kept_.size() ? std::exchange(kept_[frame], std::nullopt) : std::nullopt;
}

Result<DecodedImage> VideoClip::pixels(std::size_t frame) {
  MutexLock lock(mutex_);
  const Turn turn(*video_.decodes, *video_.watch);
  if (!turn) return std::unexpected(video_.watch->reason());
  auto image = decode(frame);
  if (!open_pass_) open_pass_ = video_.open_passes->try_acquire();
  if (!image || frame + 1 == frames_.size() || !open_pass_) {
    pass_.reset();
    open_pass_.reset();
  }
  return image;
}

Result<DecodedImage> VideoClip::decode(std::size_t frame) {
  if (!pass_ || next_ > frame) {
    auto begun = SampledFrames::open_watched(video_.source.bytes(), video_.sampling, video_.limits, video_.watch);
    if (!begun) return std::unexpected(begun.error());
    pass_ = std::make_unique<SampledFrames>(std::move(*begun));
    next_ = 0;
  }
  for (;;) {
    auto taken = pass_->next(next_ == frame);
    if (!taken) return std::unexpected(taken.error());
    if (!*taken) return fail(Fault::internal, "The video has fewer frames than it had before.");
    if (next_++ < frame) continue;
    // Its embeddings are about to be stored under this key.
    if (image_key((*taken)->image) != frames_[frame].image_key)
      return fail(Fault::internal, "A frame of the video was decoded to other pixels than before.");
    return std::move((*taken)->image);
  }
}

VideoClips::VideoClips(VideoLimits limits)
    : limits_(limits),
      decodes_(std::make_shared<Semaphore>(std::max(1U, std::thread::hardware_concurrency()))),
      open_passes_(std::make_shared<Semaphore>(open_passes_max)),
      known_(make_store(RecordKind::source_alias, known_bytes_max, PolicyKind::lru)) {}

Result<std::shared_ptr<VideoClip>> VideoClips::open(const Blob& source, const FrameSampling& sampling, bool use_known,
                                                    std::uint64_t& kept_pixels, std::stop_token stop,
                                                    std::optional<double> request_ms) {
  const Key key = clip_key(source, sampling);
  const auto watch = std::make_shared<DecodeWatch>(std::move(stop), limits_.compute_s_max, request_ms);
  watch->pause();
  VideoClip::Video video{source, sampling, limits_, watch, decodes_, open_passes_};
  if (use_known) {
    if (const auto known = known_->find(key, everybody())) {
      if (auto frames = frames_in(known->payload); !frames.empty())
        return std::make_shared<VideoClip>(std::move(video), std::move(frames), std::vector<DecodedImage>());
    }
  }
  const Turn turn(*decodes_, *watch);
  if (!turn) return std::unexpected(watch->reason());
  const Stopwatch decoding;
  auto pass = SampledFrames::open_watched(source.bytes(), sampling, limits_, watch);
  if (!pass) return std::unexpected(pass.error());
  std::vector<ClipFrame> frames;
  std::vector<DecodedImage> kept;
  for (;;) {
    auto taken = pass->next();
    if (!taken) return std::unexpected(taken.error());
    if (!*taken) break;
    DecodedImage& image = (*taken)->image;
    frames.push_back({image_key(image), image.width, image.height, (*taken)->at_us});
    const std::uint64_t pixels = std::uint64_t{image.width} * image.height;
    if (kept.size() + 1 != frames.size() || pixels > kept_pixels) continue;
    kept_pixels -= pixels;
    kept.push_back(std::move(image));
  }
  known_->insert(key, record_of(frames, decoding.elapsed_ms()), {.tenant = everybody(), .images = {}});
  return std::make_shared<VideoClip>(std::move(video), std::move(frames), std::move(kept));
}

}  // namespace fovea
