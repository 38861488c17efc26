#include "app/cache/cache_summary.h"

#include <algorithm>

namespace fovea::app {

void CacheSummary::Kind::add(const Kind& other) {
  if (other.entries == 0) return;
  oldest_unix_ms = entries == 0 ? other.oldest_unix_ms : std::min(oldest_unix_ms, other.oldest_unix_ms);
  newest_unix_ms = entries == 0 ? other.newest_unix_ms : std::max(newest_unix_ms, other.newest_unix_ms);
  entries += other.entries;
  bytes += other.bytes;
  saves_ms += other.saves_ms;
}

void CacheSummary::add(RecordKind kind, const TierHit& hit) {
  const RecordHeader& header = hit.record.header;
  kinds[static_cast<std::size_t>(kind) - 1].add({.entries = 1,
                                                 .bytes = hit.entry.record.size(),
                                                 .saves_ms = header.cost_ms,
                                                 .oldest_unix_ms = header.made_unix_ms,
                                                 .newest_unix_ms = header.made_unix_ms});
}

CacheSummary::Kind CacheSummary::all() const {
  Kind all;
  for (const Kind& kind : kinds) all.add(kind);
  return all;
}

}  // namespace fovea::app
