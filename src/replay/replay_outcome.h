// ReplayOutcome: the result of a replay: the three hit ratios by which caches are compared, and the saved
// time. A plain value.
#pragma once

#include <array>
#include <cstdint>

#include "trace/trace.h"

namespace fovea {

struct LevelOutcome {
  std::uint64_t lookups = 0;
  std::uint64_t hits = 0;
};

struct ReplayOutcome {
  std::uint64_t requests = 0;
  std::uint64_t lookups = 0;  // those that were made: a response hit skips the rest of its request
  std::uint64_t hits = 0;
  double lookup_bytes = 0;  // sizes of the values looked up, without overheads
  double hit_bytes = 0;
  double total_ms = 0;  // the cost of computing every request
  double saved_ms = 0;
  std::array<LevelOutcome, trace_levels> levels{};
  std::uint64_t evictions = 0;
  double seconds = 0;  // of the replay itself

  double object_hit_ratio() const { return ratio(static_cast<double>(hits), static_cast<double>(lookups)); }
  double byte_hit_ratio() const { return ratio(hit_bytes, lookup_bytes); }
  double cost_hit_ratio() const { return ratio(saved_ms, total_ms); }
  double requests_per_second() const { return ratio(static_cast<double>(requests), seconds); }

 private:
  static double ratio(double part, double whole) { return whole > 0 ? part / whole : 0; }
};

}  // namespace fovea
