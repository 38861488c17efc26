// CacheAdmin: what a server's caches hold, what it computes, and removing entries. An interface, so that
// handlers, metrics and the dashboard need not know whether a pipeline of our own or a relay keeps the
// entries. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "fovea/key.h"
#include "fovea/level_stats.h"
#include "pipeline/frames/frame_memory_use.h"
#include "prefetch/prefetch_counts.h"
#include "store/lane/tier_lane.h"

namespace fovea::serve {

// Each level by its name: "response", "prefix", "embedding".
using LevelsStats = std::vector<std::pair<const char*, LevelStats>>;

// What a server has to do now. What is answered from stored answers does not count.
struct ServerLoad {
  std::uint32_t in_progress = 0;  // requests that are computed, or wait for it
  std::uint32_t running = 0;      // of these, those in a slot; in front of another server, those it was asked
  double context_used = 0;        // of the decoder's context, the part that is reserved for them: 0 to 1
};

class CacheAdmin {
 public:
  virtual ~CacheAdmin() = default;
  virtual LevelsStats stats() const = 0;  // in memory
  virtual std::vector<TierStats> tier_stats() const = 0;
  // nullopt where nothing is moved to memory ahead of requests.
  virtual std::optional<PrefetchCounts> prefetch_counts() const { return std::nullopt; }
  // What near frames are compared with; nullopt where they are off.
  virtual std::optional<FrameMemoryUse> frame_memory() const { return std::nullopt; }
  virtual ServerLoad load() const = 0;
  // Of what idle sequences of our own model held, outside its context.
  virtual std::uint64_t parked_bytes() const { return 0; }
  // Removes a tenant's entries: those that hold an image, or all. Returns how many there were.
  virtual std::size_t purge(const Key& image_key, std::string_view tenant) = 0;
  virtual std::size_t purge(std::string_view tenant) = 0;
};

}  // namespace fovea::serve
