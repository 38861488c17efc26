// warm_pictures: encodes many pictures ahead of the first question about them, several side by side, into the
// tiers behind a pipeline.
//
// It never outruns the tiers' writers: their queues drop what does not fit. Where all of them fail, it gives
// up: what would be encoded is kept by nobody. For one thread; the pipeline and
// the tiers are borrowed.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "pipeline/pipeline.h"
#include "store/lane/tier_lane.h"

namespace fovea::app {

struct WarmOptions {
  std::string tenant;  // for whom
  std::string group;
  std::uint32_t workers = 1;  // pictures at the same time
};

struct WarmFailure {
  std::string file;
  Error error;
};

struct WarmCounts {
  std::uint64_t known = 0;    // pictures of which nothing had to be encoded
  std::uint64_t encoded = 0;  // of which something was
  std::vector<WarmFailure> failed;
  bool gave_up = false;  // the tiers took nothing any more, so the rest was left

  std::uint64_t done() const { return known + encoded + failed.size(); }
};

// Called on the caller's thread, some times a second: what is done, and how much of `files` that is, with
// parts of pictures.
using WarmProgress = std::function<void(const WarmCounts& so_far, double fraction)>;

// What became of the files. Those that `stop` came before are in none of the counts.
WarmCounts warm_pictures(Pipeline& pipeline, const Tiers& tiers, std::span<const std::string> files,
                         const WarmOptions& options, const std::stop_token& stop, const WarmProgress& progress);

// Waits until the tiers have written what they took. Gives up where a tier got nothing done for `patience`.
// False where not all was written.
bool write_all(const Tiers& tiers, std::chrono::milliseconds patience, const std::function<void(double)>& progress);

}  // namespace fovea::app
