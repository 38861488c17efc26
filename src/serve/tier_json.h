// tier_json: what a tier did and holds, as /v1/cache/stats and the dashboard have it. A pure function.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/lane/tier_lane.h"

namespace fovea::serve::json {

struct TierLevel {
  std::string_view level;
  std::uint64_t hits, misses, skipped, failed, written, not_worth, write_failed;
  double hit_ms, saved_ms;
  std::uint64_t hit_bytes, written_bytes, entries, bytes, bytes_max;
};

struct Tier {
  std::string_view tier, reading, writing;  // the states of its breakers
  std::uint64_t times_opened, queued, queued_bytes, queue_dropped, doubtful;
  std::optional<std::string> last_fault;
  std::optional<double> last_fault_unix_s;
  std::vector<TierLevel> levels;
};

// The texts live as long as the program.
Tier tier_of(const TierStats& stats);

}  // namespace fovea::serve::json
