// Kept: what a server keeps for its tenants, whether a pipeline of its own made it or another server. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "fovea/key.h"
#include "fovea/level_stats.h"

namespace fovea::serve {

// Each level by its name: "response", "prefix", "embedding".
using LevelsStats = std::vector<std::pair<const char*, LevelStats>>;

class Kept {
 public:
  virtual ~Kept() = default;
  virtual LevelsStats stats() const = 0;
  // Requests that are computed now, or wait for it.
  virtual std::uint32_t computing() const = 0;
  // Removes what was kept of a picture for a tenant, or everything for a tenant. The result is how many entries went.
  virtual std::size_t purge(const Key& image_key, std::string_view tenant) = 0;
  virtual std::size_t purge(std::string_view tenant) = 0;
};

}  // namespace fovea::serve
