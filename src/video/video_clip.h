// VideoClip: a video of a request: which images its frames are, at once, and their pixels when somebody needs
// them. VideoClips: makes clips, and remembers which images the frames of a video are, so that the same bytes
// under the same sampling need not be decoded again while nobody needs pixels.
//
// A frame's name is the image key of its own pixels: never the video's name, nor its place in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "base/mutex.h"
#include "base/semaphore.h"
#include "fovea/blob.h"
#include "fovea/key.h"
#include "fovea/result.h"
#include "image/decoded_image.h"
#include "store/store.h"
#include "video/frame_sampling.h"
#include "video/video_limits.h"

namespace fovea {

class DecodeWatch;
class SampledFrames;

// One frame that a sampling took.
struct ClipFrame {
  Key image_key;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::int64_t at_us = 0;  // from the video's first frame on
};

// Whether `source` is a video that can be read: all of its packets and its first frame are.
// Faults: those of SampledFrames.
Result<void> check_video(const Blob& source, const VideoLimits& limits, std::stop_token stop);

// Thread-safe. Keeps the video's bytes.
class VideoClip {
 public:
  // What a pass over the video needs.
  struct Video {
    Blob source;
    FrameSampling sampling;
    VideoLimits limits;
    std::shared_ptr<DecodeWatch> watch;      // over all passes; paused between them
    std::shared_ptr<Semaphore> decodes;      // passes that decode at the moment
    std::shared_ptr<Semaphore> open_passes;  // passes that wait between two frames
  };

  // `kept`: the images of the first frames.
  VideoClip(Video video, std::vector<ClipFrame> frames, std::vector<DecodedImage> kept);
  ~VideoClip();
  VideoClip(const VideoClip&) = delete;
  VideoClip& operator=(const VideoClip&) = delete;

  std::span<const ClipFrame> frames() const { return frames_; }

  // The image of a frame where it was decoded and is still here; it is given away.
  std::optional<DecodedImage> take(std::size_t frame);

  // The image of a frame. The video is decoded up to there: asked for in their order, all frames together
  // take one pass, unless many clips are being read. REQUIRES: frame < frames().size().
  // Faults: those of SampledFrames; timed_out.
  Result<DecodedImage> pixels(std::size_t frame);

 private:
  Result<DecodedImage> decode(std::size_t frame) FOVEA_REQUIRES(mutex_);

  const Video video_;
  const std::vector<ClipFrame> frames_;
  Mutex mutex_;
  std::vector<std::optional<DecodedImage>> kept_ FOVEA_GUARDED_BY(mutex_);
  std::unique_ptr<SampledFrames> pass_ FOVEA_GUARDED_BY(mutex_);  // at frame next_
  Semaphore::Permit open_pass_ FOVEA_GUARDED_BY(mutex_);          // pass_'s
  std::size_t next_ FOVEA_GUARDED_BY(mutex_) = 0;
};

// Thread-safe.
class VideoClips {
 public:
  explicit VideoClips(VideoLimits limits = {});

  // The clip of `source`, decoded unless `use_known` is set and its frames are known. Of decoded frames, the
  // first of at most `kept_pixels` together stay with the clip; what they take is subtracted. `request_ms`:
  // from now on, until the clip gives no more frames.
  // Faults: those of SampledFrames; timed_out. Nothing is remembered then.
  Result<std::shared_ptr<VideoClip>> open(const Blob& source, const FrameSampling& sampling, bool use_known,
                                          std::uint64_t& kept_pixels, std::stop_token stop,
                                          std::optional<double> request_ms = std::nullopt);

 private:
  const VideoLimits limits_;
  // A pass takes a processor and some frames' memory: as many at a time as there are processors.
  const std::shared_ptr<Semaphore> decodes_, open_passes_;
  const std::unique_ptr<Store> known_;  // video and sampling -> its frames
};

}  // namespace fovea
