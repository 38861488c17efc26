// UpperBound: more than any policy can save, however much of the future it knows.
//
// The best schedule of a cache whose entries differ in size is NP-hard to find; this is a relaxation of it, PFOO-U of Berger, Beckmann
// and Harchol-Balter ("Practical bounds on optimal caching with variable object sizes", SIGMETRICS 2018), carried over to costs and to
// requests that skip look-ups. A hit needs its entry to lie in the cache ever since the look-up of the same key before, skipped or
// not, so it takes bytes x look-ups of space-time, of which the budget has bytes x all look-ups. Per moment a budget can be
// overspent here, over the whole trace it cannot. Of a request either a response is found, which skips the rest, or some of the
// others are; of these choices any mixture is allowed. What remains is a fractional knapsack: the choices that
// save most per space-time until it is used up. Where levels have budgets of their own, the bound for their sum holds too.
//
// Takes O(n log n) once, and O(log n) for each budget. Immutable after construction.
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
  // After all choices that are better per space-time: what was spent and what was saved.
  struct Point {
    double space_time;
    double saved_ms;
  };
  std::vector<Point> points_;
  double moments_ = 0;
};

}  // namespace fovea
