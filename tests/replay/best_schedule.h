// The most that any schedule saves on a trace, found by trying all of them. It is obviously right, and only
// for traces of a dozen look-ups. Not thread-safe. Borrows the trace.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "replay/budget_plan.h"
#include "replay/drive.h"

namespace fovea {

// Sizes of a key must not vary.
class BestSchedule {
 public:
  BestSchedule(const Trace& trace, std::uint64_t bytes_max)
      : trace_(trace), bytes_max_(bytes_max), charge_(trace.keys, 0) {
    for (const Lookup& lookup : trace.lookups) charge_[lookup.key] = charged_bytes(lookup);
  }

  double saved_ms() { return from(0, 0); }

 private:
  using Keys = std::uint32_t;  // the keys in the cache, one bit each

  // The most that is saved from the request at `begin` on, if the keys `in` are in the cache.
  double from(std::size_t begin, Keys in) {
    if (begin == trace_.lookups.size()) return 0;
    const auto known = known_.find({begin, in});
    if (known != known_.end()) return known->second;
    const double best = within(begin, request_end(trace_, begin), in, {}, 0);
    known_[{begin, in}] = best;
    return best;
  }

  // The same from within a request, which has saved `saved_ms` so far and missed the responses `missed`.
  double within(std::size_t i, std::size_t end, Keys in, std::vector<std::uint32_t> missed, double saved_ms) {
    if (i == end) return saved_ms + stored(end, in, missed);
    const Lookup& lookup = trace_.lookups[i];
    const bool hit = (in >> lookup.key & 1) != 0;
    const bool response = lookup.level == TraceLevel::response;
    if (hit && response) return lookup.cost_ms + stored(end, in, missed);
    if (hit) return within(i + 1, end, in, missed, saved_ms + lookup.cost_ms);
    if (response) {
      missed.push_back(lookup.key);
      return within(i + 1, end, in, missed, saved_ms);
    }
    double best = 0;
    for (const Keys then : after_storing(in, lookup.key))
      best = std::max(best, within(i + 1, end, then, missed, saved_ms));
    return best;
  }

  double stored(std::size_t end, Keys in, std::vector<std::uint32_t> missed) {
    if (missed.empty()) return from(end, in);
    const std::uint32_t key = missed.back();
    missed.pop_back();
    double best = 0;
    for (const Keys then : after_storing(in, key)) best = std::max(best, stored(end, then, missed));
    return best;
  }

  // All possible contents after `key` was offered: nothing changes, or it is in, with any of the others.
  std::vector<Keys> after_storing(Keys in, std::uint32_t key) const {
    std::vector<Keys> choices{in};
    if ((in >> key & 1) != 0) return choices;
    for (Keys kept = in;; kept = (kept - 1) & in) {
      if (bytes(kept | 1U << key) <= bytes_max_) choices.push_back(kept | 1U << key);
      if (kept == 0) return choices;
    }
  }

  std::uint64_t bytes(Keys in) const {
    std::uint64_t sum = 0;
    for (std::size_t key = 0; key < charge_.size(); ++key) sum += (in >> key & 1) != 0 ? charge_[key] : 0;
    return sum;
  }

  const Trace& trace_;
  std::uint64_t bytes_max_;
  std::vector<std::uint64_t> charge_;
  std::map<std::pair<std::size_t, Keys>, double> known_;
};

}  // namespace fovea
