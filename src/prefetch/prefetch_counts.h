// PrefetchCounts: what came of moving pictures to memory ahead of the requests for them. Plain numbers.
//
// issued = used + late + wasted + those of which it is not known yet. Precision says little alone: one
// prediction that is right has a precision of 1. So it is told beside the coverage and the wasted bytes.
#pragma once

#include <cstdint>

namespace fovea {

struct PrefetchCounts {
  std::uint64_t issued = 0;        // moves that began
  std::uint64_t used = 0;          // found in memory by a request that began after the move was over
  std::uint64_t late = 0;          // asked for by a request that began before that
  std::uint64_t wasted = 0;        // evicted or removed before, not found anywhere, or not asked for in ten minutes
  std::uint64_t dropped = 0;       // predicted, and not moved: asked for meanwhile, not worth it, or never idle
  std::uint64_t tried = 0;         // predicted only to see whether it would have been right
  std::uint64_t waited = 0;        // requests that had to wait for a tier
  std::uint64_t bytes = 0;         // that were moved
  std::uint64_t used_bytes = 0;    // of them, those that requests took
  std::uint64_t wasted_bytes = 0;  // those that nobody took

  std::uint64_t outstanding() const { return issued - used - late - wasted; }
  // The share of what was issued that was used in time; 0 where nothing was issued.
  double precision() const { return issued > 0 ? static_cast<double>(used) / static_cast<double>(issued) : 0; }
  // The share of the waits for a tier that was spared; 0 where there were none.
  double coverage() const {
    return used + waited > 0 ? static_cast<double>(used) / static_cast<double>(used + waited) : 0;
  }
};

}  // namespace fovea
