#include "serve/tier_json.h"

#include <algorithm>
#include <cstddef>
#include <functional>

#include "serve/wire/valid_text.h"

namespace fovea::serve::json {

namespace {

TierLevel level_of(RecordKind kind, const TierUse& use) {
  return {.level = to_string(kind),
          .hits = use.hits,
          .misses = use.misses,
          .skipped = use.skipped,
          .failed = use.failed,
          .written = use.written,
          .not_worth = use.not_worth,
          .write_failed = use.write_failed,
          .hit_ms = use.hit_ms,
          .saved_ms = use.saved_ms,
          .hit_bytes = use.hit_bytes,
          .written_bytes = use.written_bytes,
          .entries = use.content.entries,
          .bytes = use.content.bytes,
          .bytes_max = use.content.bytes_max};
}

}  // namespace

Tier tier_of(const TierStats& stats) {
  Tier tier{.tier = to_string(stats.kind),
            .reading = to_string(stats.reading),
            .writing = to_string(stats.writing),
            .times_opened = stats.times_opened,
            .queued = stats.write_behind.entries,
            .queued_bytes = stats.write_behind.bytes,
            .queue_dropped = stats.write_behind.dropped,
            .doubtful = std::ranges::fold_left(stats.doubtful, std::uint64_t{0}, std::plus()),
            .last_fault = {},
            .last_fault_unix_s = {},
            .levels = {}};
  if (!stats.last_fault.empty()) {
    tier.last_fault = valid_text(stats.last_fault);  // it may quote what a server said
    tier.last_fault_unix_s = stats.last_fault_unix_ms / 1000;
  }
  for (const RecordKind kind : all_record_kinds)
    tier.levels.push_back(level_of(kind, stats.use[static_cast<std::size_t>(kind) - 1]));
  return tier;
}

}  // namespace fovea::serve::json
