// The worth of an entry is cost / (bytes x look-ups until its next use). It grows as its next use comes
// nearer, so the heap of worths holds lower bounds. The least of them is brought up to date, and it is the
// victim if it is still the least. At most refreshed_max are brought up to date per victim, so that an
// eviction stays cheap; then the rule is followed nearly and not exactly. An entry that changes leaves its
// old candidate in the heap. Its stamp shows that it is old.
#include "replay/offline_greedy.h"

#include <algorithm>
#include <functional>

#include "replay/drive.h"

namespace fovea {

namespace {

class OfflineCache {
 public:
  OfflineCache(const Trace& trace, const std::vector<std::uint32_t>& next, std::uint64_t bytes_max)
      : next_(&next), entries_(trace.keys), bytes_max_(bytes_max) {}

  bool find(std::size_t index, const Lookup& lookup) {
    now_ = static_cast<std::uint32_t>(index);
    Entry& entry = entries_[lookup.key];
    if (!entry.present) return false;
    entry.next_use = (*next_)[index];
    ++entry.stamp;
    if (next_use_of(entry) == no_next_use)
      remove(lookup.key);
    else
      push(lookup.key);
    return true;
  }

  void store(std::size_t index, const Lookup& lookup) {
    Entry incoming{.bytes = charged_bytes(lookup),
                   .cost_ms = lookup.cost_ms,
                   .next_use = (*next_)[index],
                   .stamp = entries_[lookup.key].stamp + 1,
                   .present = true};
    if (entries_[lookup.key].present || incoming.bytes > bytes_max_ || next_use_of(incoming) == no_next_use) return;
    if (!make_room(incoming)) return;
    entries_[lookup.key] = incoming;
    bytes_ += incoming.bytes;
    ++count_;
    push(lookup.key);
  }

  std::uint64_t evictions() const { return evictions_; }

 private:
  static constexpr int refreshed_max = 32;              // per victim
  static constexpr std::size_t left_behind_min = 4096;  // old candidates from which removing them pays

  struct Entry {
    std::uint64_t bytes = 0;
    double cost_ms = 0;
    std::uint32_t next_use = no_next_use;
    std::uint32_t stamp = 0;
    bool present = false;
  };
  struct Candidate {
    double worth;
    std::uint32_t key;
    std::uint32_t stamp;
  };

  // The next use that is still to come. Uses before it may have been skipped.
  std::uint32_t next_use_of(Entry& entry) const {
    while (entry.next_use <= now_) entry.next_use = (*next_)[entry.next_use];
    return entry.next_use;
  }

  double worth_of(Entry& entry) const {
    const std::uint32_t next_use = next_use_of(entry);
    if (next_use == no_next_use) return 0;
    return entry.cost_ms / (static_cast<double>(entry.bytes) * static_cast<double>(next_use - now_));
  }

  // Removes the entries that are worth least until `incoming` fits. Removes none if one of them is worth
  // more.
  bool make_room(Entry& incoming) {
    const double worth = worth_of(incoming);
    std::uint64_t freed = 0;
    victims_.clear();
    while (bytes_ - freed + incoming.bytes > bytes_max_) {
      const Candidate least = pop_least();
      victims_.push_back(least);
      freed += entries_[least.key].bytes;
      if (least.worth < worth) continue;
      for (const Candidate& spared : victims_) put(spared);
      return false;
    }
    for (const Candidate& victim : victims_) remove(victim.key);
    evictions_ += victims_.size();
    return true;
  }

  // Takes the entry that is worth least from the heap. REQUIRES: an entry is in it.
  Candidate pop_least() {
    for (int refreshed = 0;;) {
      std::ranges::pop_heap(heap_, std::greater(), &Candidate::worth);  // the least is on top
      Candidate least = heap_.back();
      heap_.pop_back();
      Entry& entry = entries_[least.key];
      if (!entry.present || entry.stamp != least.stamp) continue;
      const double worth = worth_of(entry);
      const bool grown = worth > least.worth;
      least.worth = worth;
      if (!grown || heap_.empty() || worth <= heap_.front().worth || refreshed++ >= refreshed_max) return least;
      put(least);
    }
  }

  void put(const Candidate& candidate) {
    heap_.push_back(candidate);
    std::ranges::push_heap(heap_, std::greater(), &Candidate::worth);
  }

  void push(std::uint32_t key) {
    Entry& entry = entries_[key];
    put({worth_of(entry), key, entry.stamp});
    if (heap_.size() < left_behind_min + 4 * count_) return;
    std::erase_if(heap_, [&](const Candidate& candidate) {
      return !entries_[candidate.key].present || entries_[candidate.key].stamp != candidate.stamp;
    });
    std::ranges::make_heap(heap_, std::greater(), &Candidate::worth);
  }

  void remove(std::uint32_t key) {
    entries_[key].present = false;
    ++entries_[key].stamp;
    bytes_ -= entries_[key].bytes;
    --count_;
  }

  const std::vector<std::uint32_t>* next_;
  std::vector<Entry> entries_;
  std::vector<Candidate> heap_;
  std::vector<Candidate> victims_;
  std::uint64_t bytes_max_;
  std::uint64_t bytes_ = 0;
  std::uint64_t count_ = 0;
  std::uint64_t evictions_ = 0;
  std::uint32_t now_ = 0;
};

// One OfflineCache for each budget.
class OfflineLevels {
 public:
  OfflineLevels(const Trace& trace, const std::vector<std::uint32_t>& next, const BudgetPlan& budgets)
      : budgets_(&budgets) {
    for (const std::uint64_t bytes_max : budgets.bytes_max) caches_.emplace_back(trace, next, bytes_max);
  }
  bool find(std::size_t index, const Lookup& lookup) { return of(lookup).find(index, lookup); }
  void store(std::size_t index, const Lookup& lookup) { of(lookup).store(index, lookup); }
  std::uint64_t evictions() const {
    std::uint64_t sum = 0;
    for (const OfflineCache& cache : caches_) sum += cache.evictions();
    return sum;
  }

 private:
  OfflineCache& of(const Lookup& lookup) {
    return caches_[budgets_->budget_of[static_cast<std::size_t>(lookup.level)]];
  }

  const BudgetPlan* budgets_;
  std::vector<OfflineCache> caches_;
};

}  // namespace

std::vector<std::uint32_t> next_uses(const Trace& trace) {
  std::vector<std::uint32_t> next(trace.lookups.size());
  std::vector<std::uint32_t> upcoming(trace.keys, no_next_use);
  for (std::size_t i = trace.lookups.size(); i-- > 0;) {
    std::uint32_t& of_key = upcoming[trace.lookups[i].key];
    next[i] = of_key;
    of_key = static_cast<std::uint32_t>(i);
  }
  return next;
}

ReplayOutcome offline_greedy(const Trace& trace, const std::vector<std::uint32_t>& next, const BudgetPlan& budgets,
                             const Progress& progress) {
  OfflineLevels cache(trace, next, budgets);
  ReplayOutcome outcome = Drive(trace, cache).run(progress);
  outcome.evictions = cache.evictions();
  return outcome;
}

}  // namespace fovea
