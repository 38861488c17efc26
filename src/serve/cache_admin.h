// CacheAdmin: what a server's caches hold, and removing it. An interface, so that handlers, metrics and the
// dashboard need not know whether a pipeline of our own or a relay keeps the entries. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "fovea/key.h"
#include "fovea/level_stats.h"
#include "store/lane/tier_lane.h"

namespace fovea::serve {

// Each level by its name: "response", "prefix", "embedding".
using LevelsStats = std::vector<std::pair<const char*, LevelStats>>;

class CacheAdmin {
 public:
  virtual ~CacheAdmin() = default;
  virtual LevelsStats stats() const = 0;  // in memory
  virtual std::vector<TierStats> tier_stats() const = 0;
  // Requests that are computed now, or wait for it.
  virtual std::uint32_t computing() const = 0;
  // Of what idle sequences of our own model held, outside its context.
  virtual std::uint64_t parked_bytes() const { return 0; }
  // Removes a tenant's entries: those that hold an image, or all. Returns how many there were.
  virtual std::size_t purge(const Key& image_key, std::string_view tenant) = 0;
  virtual std::size_t purge(std::string_view tenant) = 0;
};

}  // namespace fovea::serve
