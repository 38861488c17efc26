// FrameSampling: which frames of a video are looked at. Plain values and a pure function.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace fovea {

// vLLM's two ways of saying it. With neither, so many frames a second as Qwen's models were trained with.
struct FrameSampling {
  static constexpr double usual_fps = 2;

  std::optional<double> fps;                // frames a second of the video
  std::optional<std::uint32_t> num_frames;  // so many, spread evenly; with fps the smaller number
  std::uint32_t frames_max = 32;            // in either case: more are spread evenly
};

// A video's times in microseconds from its first frame: its last frame's, and its end.
struct ClipTimes {
  std::int64_t last_us = 0;
  std::int64_t end_us = 0;
};

// The times at which the video is looked at, from 0 on, ascending. The frame that is shown then is taken,
// and none twice. So there are as many frames or fewer.
// REQUIRES: fps above 0, num_frames and frames_max of at least 1, 0 <= last_us <= end_us.
std::vector<std::int64_t> sampling_times(const FrameSampling& sampling, ClipTimes clip);

}  // namespace fovea
