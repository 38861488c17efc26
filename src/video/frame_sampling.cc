#include "video/frame_sampling.h"

#include <algorithm>
#include <cmath>

namespace fovea {

namespace {

constexpr double us_a_second = 1e6;

std::int64_t time_at(std::uint32_t index, double fps) { return std::llround(index * us_a_second / fps); }

// How many times of `fps` lie in the video: at least the first; `max` where there are more.
std::uint32_t count_at(double fps, ClipTimes clip, std::uint32_t max) {
  std::uint32_t count = 1;
  // Above one frame a microsecond the times would not differ.
  while (count < max && time_at(count, std::min(fps, us_a_second)) < clip.end_us) ++count;
  return count;
}

// `count` times, the first and the last frame's among them.
std::vector<std::int64_t> spread(std::uint32_t count, ClipTimes clip) {
  std::vector<std::int64_t> times(count, 0);
  for (std::uint32_t i = 1; i < count; ++i) times[i] = clip.last_us * i / (count - 1);
  return times;
}

}  // namespace

std::vector<std::int64_t> sampling_times(const FrameSampling& sampling, ClipTimes clip) {
  if (sampling.num_frames) {
    const std::uint32_t asked = std::min(*sampling.num_frames, sampling.frames_max);
    return spread(sampling.fps ? count_at(*sampling.fps, clip, asked) : asked, clip);
  }
  const double fps = std::min(sampling.fps.value_or(FrameSampling::usual_fps), us_a_second);
  const std::uint32_t count = count_at(fps, clip, sampling.frames_max + 1);
  if (count > sampling.frames_max) return spread(sampling.frames_max, clip);
  std::vector<std::int64_t> times(count);
  for (std::uint32_t i = 0; i < count; ++i) times[i] = time_at(i, fps);
  return times;
}

}  // namespace fovea
