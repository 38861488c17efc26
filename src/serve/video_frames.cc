// One slot of a message becomes as many as the video has frames. So all slots behind it move, and every list
// of parts that has slots is written again.
#include "serve/video_frames.h"

#include <algorithm>
#include <format>
#include <utility>

#include "base/clock.h"
#include "serve/openai/content.h"

namespace fovea::serve {

namespace {

// Of all of a request's videos together: their first frames need not be decoded again if they are new.
constexpr std::uint64_t kept_pixels_max = 16'000'000;  // 48 MB

// Where the images of an old slot are now.
struct Place {
  std::size_t first = 0;
  std::size_t count = 0;
};

void put_in_places(std::vector<PromptPart>& parts, const std::vector<Place>& places) {
  std::vector<PromptPart> out;
  for (PromptPart& part : parts) {
    const auto* slot = std::get_if<ImageSlot>(&part);
    if (slot == nullptr || slot->index >= places.size()) {
      out.push_back(std::move(part));
      continue;
    }
    const Place place = places[slot->index];
    for (std::size_t i = 0; i < place.count; ++i) out.emplace_back(ImageSlot{place.first + i});
  }
  parts = std::move(out);
}

Refusal named(const Error& error, const std::string& where) {
  Refusal refusal = refusal_of(error);
  refusal.message = where + ": " + refusal.message;
  refusal.param = where;
  return refusal;
}

VideoLimits limits_of(const RequestRules& rules) {
  VideoLimits limits;
  limits.source_bytes_max = rules.image_bytes_max;
  return limits;
}

}  // namespace

VideoFrames::VideoFrames(const RequestRules& rules)
    : images_max_(rules.images_max), clips_(std::make_unique<VideoClips>(limits_of(rules))) {}

Parsed<void> VideoFrames::expand(ChatRequest& request, std::vector<ImageSource>& sources, bool use_known,
                                 const std::stop_token& stop, std::optional<double> request_ms) const {
  const auto is_video = [](const ImageReference& image) { return image.video.has_value(); };
  if (std::ranges::none_of(request.images, is_video)) return {};
  const Stopwatch expanding;
  std::uint64_t kept_pixels = kept_pixels_max;
  std::vector<ImageSource> expanded;
  std::vector<Place> places;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const ImageReference& image = request.images[i];
    if (!image.video) {
      places.push_back({expanded.size(), 1});
      expanded.push_back(std::move(sources[i]));
    } else {
      const auto left_ms = request_ms.transform([&](double ms) { return ms - expanding.elapsed_ms(); });
      auto clip = clips_->open(sources[i].bytes, *image.video, use_known, kept_pixels, stop, left_ms);
      if (!clip) return std::unexpected(named(clip.error(), image.where));
      const auto frames = (*clip)->frames();
      places.push_back({expanded.size(), frames.size()});
      for (std::size_t frame = 0; frame < frames.size(); ++frame) {
        const double seconds = static_cast<double>(frames[frame].at_us) / 1e6;
        expanded.push_back({{}, std::format("{} at {:.1f} s", image.where, seconds), *clip, frame});
      }
    }
    if (expanded.size() > images_max_) {
      return std::unexpected(Refusal{
          400, std::format("a request may have {} pictures, with the frames of its videos: ask for fewer", images_max_),
          image.where, "too_many_images"});
    }
  }
  for (Message& message : request.messages) put_in_places(message.parts, places);
  if (request.prompt) put_in_places(request.prompt->parts, places);
  sources = std::move(expanded);
  return {};
}

}  // namespace fovea::serve
