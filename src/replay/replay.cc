// A replay is Drive over ExactCaches, one for each budget, each with its own policy: what a policy decides
// here is what it decides in a Level, only without threads, values and hashes of keys.
#include "replay/replay.h"

#include <optional>
#include <vector>

#include "cache/exact_cache.h"
#include "cache/policies.h"
#include "replay/coherence_table.h"
#include "replay/drive.h"

namespace fovea {

namespace {

bool uses_coherence(PolicyKind policy) { return policy == PolicyKind::cross_modal || policy == PolicyKind::value; }

// The levels of a trace as ExactCaches.
class PolicyCache {
 public:
  PolicyCache(const Trace& trace, PolicyKind policy, const BudgetPlan& budgets) : budgets_(&budgets) {
    caches_.reserve(budgets.bytes_max.size());
    for (const std::uint64_t bytes_max : budgets.bytes_max)
      caches_.emplace_back(make_policy(policy), bytes_max, trace.keys);
    if (uses_coherence(policy)) coherence_.emplace(trace, of(TraceLevel::embedding), of(TraceLevel::response));
  }

  bool find(std::size_t, const Lookup& lookup) {
    const bool hit = of(lookup.level).find(lookup.key);
    if (hit && coherence_ && lookup.related != no_related) coherence_->hit(lookup);
    return hit;
  }

  void store(std::size_t, const Lookup& lookup) {
    ExactCache& cache = of(lookup.level);
    if (cache.contains(lookup.key)) return;  // asked for twice in one request
    const ItemFacts facts{.size = charged_bytes(lookup),
                          .cost_ms = lookup.cost_ms,
                          .importance = lookup.importance,
                          .level = static_cast<std::uint8_t>(lookup.level)};
    const bool stored = cache.insert(lookup.key, facts) == Admission::stored;
    if (stored && coherence_ && lookup.related != no_related) coherence_->stored(lookup);
  }

  std::uint64_t evictions() const {
    std::uint64_t sum = 0;
    for (const ExactCache& cache : caches_) sum += cache.evictions();
    return sum;
  }

 private:
  ExactCache& of(TraceLevel level) { return caches_[budgets_->budget_of[static_cast<std::size_t>(level)]]; }

  const BudgetPlan* budgets_;
  std::vector<ExactCache> caches_;
  std::optional<CoherenceTable> coherence_;
};

}  // namespace

ReplayOutcome replay(const Trace& trace, PolicyKind policy, const BudgetPlan& budgets, const Progress& progress,
                     const Clock& clock) {
  PolicyCache cache(trace, policy, budgets);
  const Stopwatch watch(clock);
  ReplayOutcome outcome = Drive(trace, cache).run(progress);
  outcome.seconds = watch.elapsed_ms() / 1000;
  outcome.evictions = cache.evictions();
  return outcome;
}

}  // namespace fovea
