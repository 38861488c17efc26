// SampledFrames: the frames of a video that a sampling takes, one after another.
//
// For one thread. Borrows the bytes, which must outlive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "fovea/result.h"
#include "image/decoded_image.h"
#include "video/frame_sampling.h"
#include "video/video_limits.h"
#include "video/video_stream.h"

namespace fovea {

struct SampledFrame {
  DecodedImage image;
  std::int64_t at_us = 0;  // from the video's first frame on
};

class SampledFrames {
 public:
  // Reads all packets once, to know how long the video is: what a container says of that may be absent or
  // wrong. Faults: those of VideoStream; too_large (too long); invalid (no frame).
  static Result<SampledFrames> open(std::span<const std::byte> source, const FrameSampling& sampling,
                                    const VideoLimits& limits, std::stop_token stop);
  // The same under a watch that has seen other passes over the video.
  static Result<SampledFrames> open_watched(std::span<const std::byte> source, const FrameSampling& sampling,
                                            const VideoLimits& limits, std::shared_ptr<DecodeWatch> watch);

  // The next frame that is taken, or nullopt at the end. `with_image` false: its image is not made.
  // Faults: those of VideoStream and frame_image.
  Result<std::optional<SampledFrame>> next(bool with_image = true);

 private:
  SampledFrames(std::shared_ptr<DecodeWatch> watch, VideoStream stream, std::vector<std::int64_t> times);
  Result<std::optional<SampledFrame>> take(bool with_image);
  Result<bool> advance();
  bool time_is_shown() const;

  std::shared_ptr<DecodeWatch> watch_;  // the stream's, which may be moved
  VideoStream stream_;
  std::vector<std::int64_t> times_;
  std::size_t next_time_ = 0;
  FrameHandle shown_;      // the last frame that was decoded and whose turn to be shown has come
  FrameHandle following_;  // the one after it, as soon as it is decoded
  std::int64_t shown_us_ = 0, following_us_ = 0;
  std::optional<std::int64_t> first_us_;  // in the file's own time
  bool ended_ = false;
};

}  // namespace fovea
