// UpperBound: at least what any policy can save, even one that knows the future.
//
// The best schedule of a cache whose entries differ in size is NP-hard to find. This is a relaxation of it,
// PFOO-U of Berger, Beckmann and Harchol-Balter ("Practical bounds on optimal caching with variable object
// sizes", SIGMETRICS 2018), extended to costs and to requests that skip look-ups. For a hit, the entry must
// be in the cache since the look-up of the same key before, skipped or not. So a hit takes bytes x look-ups
// of space-time, and the budget has bytes x all look-ups. Here the budget may be exceeded at a moment, but
// not over the whole trace. A request finds either its response, which skips the rest, or some of its other
// values; any mixture of these choices is allowed. What remains is a fractional knapsack: take the choices
// that save most per space-time until it is used up. Where levels have budgets of their own, the bound of
// their sum holds too.
//
// It takes O(n log n) once, and O(log n) for each budget. Immutable after construction, and so thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "trace/trace.h"

namespace fovea {

class UpperBound {
 public:
  // REQUIRES: as replay().
  explicit UpperBound(const Trace& trace);

  // No schedule under a budget of `bytes_max` saves more than this.
  double saved_ms(std::uint64_t bytes_max) const;

 private:
  // What was spent and saved after all choices that are better per space-time.
  struct Point {
    double space_time;
    double saved_ms;
  };
  std::vector<Point> points_;
  double moments_ = 0;
};

}  // namespace fovea
