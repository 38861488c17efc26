// A frame is shown until the next one is. So the frame of a time is known once the frame after it is decoded,
// and two frames are held at any time. Decoding ends with the last frame that is taken.
//
// Frames whose time the file does not say, or that are said to be shown before the frame before them, follow
// that frame after the usual time.
#include "video/sampled_frames.h"

#include <algorithm>
#include <format>
#include <utility>

#include "video/frame_image.h"

namespace fovea {

namespace {

constexpr double us_a_second = 1e6;

// Matroska counts milliseconds. A frame that begins so little after a time is the one of that time.
constexpr std::int64_t rounding_us = 1'000;

// The video's times by its packets, which come in the order of decoding.
Result<ClipTimes> times_of(VideoStream& stream, const VideoLimits& limits) {
  std::optional<std::int64_t> first, last;
  std::int64_t end = 0, previous = 0;
  for (;;) {
    const auto packet = stream.next_packet();
    if (!packet) return std::unexpected(packet.error());
    if (!*packet) break;
    const std::int64_t at = (*packet)->at_us.value_or(first ? previous + stream.usual_frame_us() : 0);
    previous = at;
    first = std::min(first.value_or(at), at);
    last = std::max(last.value_or(at), at);
    end = std::max(last == at ? at : end, at + (*packet)->lasts_us);
  }
  if (!first) return fail(Fault::invalid, "The video has no frame.");
  const double seconds = (static_cast<double>(*last) - static_cast<double>(*first)) / us_a_second;
  if (seconds > limits.duration_s_max) {
    return fail(Fault::too_large,
                std::format("The video is {:.0f} s long; at most {:.0f} s are read: send a part of it.", seconds,
                            limits.duration_s_max));
  }
  return ClipTimes{*last - *first,
                   std::max(*last, std::min(end, *last + static_cast<std::int64_t>(us_a_second))) - *first};
}

}  // namespace

SampledFrames::SampledFrames(std::shared_ptr<DecodeWatch> watch, VideoStream stream, std::vector<std::int64_t> times)
    : watch_(std::move(watch)),
      stream_(std::move(stream)),
      times_(std::move(times)),
      shown_(av_frame_alloc()),
      following_(av_frame_alloc()) {}

Result<SampledFrames> SampledFrames::open(std::span<const std::byte> source, const FrameSampling& sampling,
                                          const VideoLimits& limits, std::stop_token stop) {
  return open_watched(source, sampling, limits, std::make_shared<DecodeWatch>(std::move(stop), limits.compute_s_max));
}

Result<SampledFrames> SampledFrames::open_watched(std::span<const std::byte> source, const FrameSampling& sampling,
                                                  const VideoLimits& limits, std::shared_ptr<DecodeWatch> watch) {
  Result<ClipTimes> times;
  {
    auto scanned = VideoStream::open(source, limits, *watch);
    if (!scanned) return std::unexpected(scanned.error());
    times = times_of(*scanned, limits);
    if (!times) return std::unexpected(times.error());
  }
  auto stream = VideoStream::open(source, limits, *watch);
  if (!stream) return std::unexpected(stream.error());
  SampledFrames frames(std::move(watch), std::move(*stream), sampling_times(sampling, *times));
  if (!frames.shown_ || !frames.following_) return fail(Fault::internal, "There was no memory to decode a video.");
  const auto begun = frames.advance();  // the first frame is now the following one
  if (!begun) return std::unexpected(begun.error());
  if (!frames.first_us_) return fail(Fault::invalid, "The video has no frame.");
  return frames;
}

// The frame after the one that is shown becomes the one that is shown, and the next one is decoded. False
// where there was none.
Result<bool> SampledFrames::advance() {
  if (ended_) return false;
  std::swap(shown_, following_);
  shown_us_ = following_us_;
  av_frame_unref(following_.get());
  const auto frame = stream_.next_frame();
  if (!frame) return std::unexpected(frame.error());
  if (*frame == nullptr) {
    ended_ = true;
    return true;
  }
  if (av_frame_ref(following_.get(), *frame) < 0)
    return fail(Fault::internal, "There was no memory to decode a video.");
  const auto time = stream_.time_of(**frame);
  if (!first_us_) {
    first_us_ = time.value_or(0);
    following_us_ = 0;
    return true;
  }
  const std::int64_t usual = shown_us_ + stream_.usual_frame_us();
  following_us_ = time && *time - *first_us_ > shown_us_ ? *time - *first_us_ : usual;
  return true;
}

// Whether the next time is one at which the shown frame is shown. REQUIRES: there is a next time.
bool SampledFrames::time_is_shown() const { return ended_ || times_[next_time_] + rounding_us < following_us_; }

Result<std::optional<SampledFrame>> SampledFrames::take(bool with_image) {
  // All times until the next frame is shown are this frame's.
  while (next_time_ < times_.size() && time_is_shown()) ++next_time_;
  SampledFrame taken{.image = {}, .at_us = shown_us_};
  if (with_image) {
    auto image = frame_image(*shown_);
    if (!image) return std::unexpected(image.error());
    taken.image = std::move(*image);
  }
  return taken;
}

Result<std::optional<SampledFrame>> SampledFrames::next(bool with_image) {
  while (next_time_ < times_.size()) {
    const auto more = advance();
    if (!more) return std::unexpected(more.error());
    if (!*more) break;
    if (time_is_shown()) return take(with_image);
  }
  return std::nullopt;
}

}  // namespace fovea
