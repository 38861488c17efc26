// Drive: makes the look-ups of a trace in a cache, in the order in which the pipeline would make them.
//
// The look-ups of a request come in order. When a response hits, the rest of its request is skipped, because
// nothing else is needed. A value that missed is stored: an embedding at once, a response at the end of its
// request, when it would have been generated. A request saves the cost of its response if that hit, else the
// sum of what its hits save. It costs what its response costs, which includes everything, or the sum of its
// look-ups where it has no response (or where the parts in the trace cost more than the whole). Not
// thread-safe. Borrows the trace and the cache.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <vector>

#include "base/progress.h"
#include "replay/replay_outcome.h"
#include "trace/trace.h"

namespace fovea {

// find() says whether the value of the `index`-th look-up is there. store() may keep it.
template <typename T>
concept DrivenCache = requires(T cache, std::size_t index, const Lookup& lookup) {
  { cache.find(index, lookup) } -> std::same_as<bool>;
  cache.store(index, lookup);
};

// The index behind the request that begins at `begin`.
inline std::size_t request_end(const Trace& trace, std::size_t begin) {
  std::size_t end = begin + 1;
  while (end < trace.lookups.size() && trace.lookups[end].request == trace.lookups[begin].request) ++end;
  return end;
}

// The cost of computing the whole request.
inline double request_cost_ms(const Trace& trace, std::size_t begin, std::size_t end) {
  double parts_ms = 0;
  double whole_ms = 0;
  for (std::size_t i = begin; i < end; ++i) {
    const Lookup& lookup = trace.lookups[i];
    if (lookup.level == TraceLevel::response)
      whole_ms = std::max(whole_ms, lookup.cost_ms);
    else
      parts_ms += lookup.cost_ms;
  }
  return std::max(parts_ms, whole_ms);
}

// Makes the look-ups of one request after another, and counts.
template <DrivenCache Cache>
class Drive {
 public:
  Drive(const Trace& trace, Cache& cache) : trace_(&trace), cache_(&cache) {}

  ReplayOutcome run(const Progress& progress) {
    constexpr std::uint64_t told_every = 1 << 16;  // requests: some tens of milliseconds
    const std::size_t count = trace_->lookups.size();
    for (std::size_t begin = 0; begin < count;) {
      const std::size_t end = request_end(*trace_, begin);
      request(begin, end);
      begin = end;
      if (++outcome_.requests % told_every == 0)
        report_progress(progress, static_cast<double>(end) / static_cast<double>(count));
    }
    return outcome_;
  }

 private:
  void request(std::size_t begin, std::size_t end) {
    double saved_ms = 0;
    unanswered_.clear();
    for (std::size_t i = begin; i < end; ++i) {
      const Lookup& lookup = trace_->lookups[i];
      const bool response = lookup.level == TraceLevel::response;
      const bool hit = cache_->find(i, lookup);
      count(lookup, hit);
      if (hit && response) {
        saved_ms = lookup.cost_ms;
        break;
      }
      if (hit)
        saved_ms += lookup.cost_ms;
      else if (response)
        unanswered_.push_back(i);
      else
        cache_->store(i, lookup);
    }
    for (const std::size_t i : unanswered_) cache_->store(i, trace_->lookups[i]);
    outcome_.saved_ms += saved_ms;
    outcome_.total_ms += request_cost_ms(*trace_, begin, end);
  }

  void count(const Lookup& lookup, bool hit) {
    LevelOutcome& level = outcome_.levels[static_cast<std::size_t>(lookup.level)];
    const auto bytes = static_cast<double>(lookup.size);
    ++outcome_.lookups;
    ++level.lookups;
    outcome_.lookup_bytes += bytes;
    if (!hit) return;
    ++outcome_.hits;
    ++level.hits;
    outcome_.hit_bytes += bytes;
  }

  const Trace* trace_;
  Cache* cache_;
  ReplayOutcome outcome_;
  std::vector<std::size_t> unanswered_;  // the responses that this request missed
};

}  // namespace fovea
