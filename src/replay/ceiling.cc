#include "replay/ceiling.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "replay/budget_plan.h"
#include "replay/drive.h"

namespace fovea {

namespace {

class BoundlessCache {
 public:
  explicit BoundlessCache(std::uint32_t keys) : present_(keys) {}
  bool find(std::size_t, const Lookup& lookup) const { return present_[lookup.key]; }
  void store(std::size_t, const Lookup& lookup) { present_[lookup.key] = true; }

 private:
  std::vector<bool> present_;
};

}  // namespace

ReplayOutcome compulsory_ceiling(const Trace& trace) {
  BoundlessCache cache(trace.keys);
  return Drive(trace, cache).run({});
}

std::uint64_t working_set_bytes(const Trace& trace) {
  std::vector<std::uint64_t> largest(trace.keys, 0);
  for (const Lookup& lookup : trace.lookups) largest[lookup.key] = std::max(largest[lookup.key], charged_bytes(lookup));
  return std::accumulate(largest.begin(), largest.end(), std::uint64_t{0});
}

}  // namespace fovea
