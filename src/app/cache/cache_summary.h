// CacheSummary: what a tier holds, kind by kind. A plain value.
#pragma once

#include <array>
#include <cstdint>

#include "store/tier.h"

namespace fovea::app {

struct CacheSummary {
  struct Kind {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;    // of their records
    double saves_ms = 0;        // what a hit of each would save, together
    double oldest_unix_ms = 0;  // when they were made; 0 where there is none
    double newest_unix_ms = 0;

    void add(const Kind& other);
  };
  std::array<Kind, record_kinds> kinds;  // in the order of all_record_kinds

  void add(RecordKind kind, const TierHit& hit);
  const Kind& of(RecordKind kind) const { return kinds[static_cast<std::size_t>(kind) - 1]; }
  Kind all() const;
};

}  // namespace fovea::app
