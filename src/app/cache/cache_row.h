// CacheRow: what `fovea cache ls` shows of an entry. A plain value; without the entry's content.
#pragma once

#include <cstdint>
#include <vector>

#include "store/tier.h"

namespace fovea::app {

struct CacheRow {
  RecordKind kind;
  Key key;
  Key tenant;  // tenant_label
  Key scope;
  std::uint64_t bytes;  // of its record
  double cost_ms;
  float importance;
  double made_unix_ms;
  std::vector<Key> images;

  static CacheRow of(RecordKind kind, const TierHit& hit) {
    const RecordHeader& header = hit.record.header;
    return {.kind = kind,
            .key = hit.entry.key,
            .tenant = hit.entry.tenant,
            .scope = header.scope,
            .bytes = hit.entry.record.size(),
            .cost_ms = header.cost_ms,
            .importance = header.importance,
            .made_unix_ms = header.made_unix_ms,
            .images = hit.entry.images};
  }
};

}  // namespace fovea::app
