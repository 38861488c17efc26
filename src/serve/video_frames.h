// VideoFrames: puts the frames of a request's videos in their places, as images like any other. Thread-safe.
// Owns what is remembered of videos.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "pipeline/image_source.h"
#include "serve/openai/chat_request.h"
#include "serve/wire/refusal.h"
#include "video/video_clip.h"

namespace fovea::serve {

class VideoFrames {
 public:
  explicit VideoFrames(const RequestRules& rules);

  // Decodes the videos among the request's images, and puts their frames in the place of each, in `sources`
  // (the images' own, by index), and in the messages. `use_known`: what is known of a video may be used.
  // `request_ms`: the time from now on in which frames must be had.
  // Refused: what is no video, a damaged or a too large one, more frames than a request may have images.
  Parsed<void> expand(ChatRequest& request, std::vector<ImageSource>& sources, bool use_known,
                      const std::stop_token& stop, std::optional<double> request_ms = std::nullopt) const;

 private:
  const std::size_t images_max_;
  const std::unique_ptr<VideoClips> clips_;
};

}  // namespace fovea::serve
