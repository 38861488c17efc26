// Two decisions carry this policy.
//
// Queues instead of samples. Entries of one kind whose cost / size is within a factor of two differ in age
// alone. The odds nearly always fall with age, so the least of each queue is its oldest entry, and the least
// of all is among some dozens of oldest ones.
// Rejected: choosing the least of 64 random entries, which lost up to a fifth of the saved time on the sample
// traces. A cache holds thousands of tiny responses for each large embedding, and a sample hardly ever
// contains an embedding. (Where odds rise with age, in loops, the youngest would be the least; it is the
// newcomer, which is compared with the victim.)
//
// Every key's waiting is counted. The odds are requests divided by waits, so the waiting of keys that are
// never requested again must count too. A key's wait is counted when it ends, and for all others before the
// odds are learned. Counting them late would make keys with one use look better than they are.
//
// Also tried and rejected: cost x uses / lifetime (hyperbolic) with and without learned exponents, which is
// worse on bursts and drifts; the present rate instead of ReuseOdds::worth, which is worse on small caches;
// the gap between uses as a further kind, which is better by 1 % at best and worse where questions come image
// by image.
#include "cache/policy/value.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace fovea {

namespace {

// The odds are learned anew after a sixteenth of all requests so far, within these bounds: often while little
// is known, later so seldom that it costs some 0.1 us a request.
constexpr std::uint64_t learn_calls_min = 16, learn_calls_max = 4096;
// How many keys' waiting is counted before learning: a bound on the pause (some 0.1 ms).
constexpr std::size_t count_max = 32768;
// After so many requests all counts are halved. Behaviour changes over days, not minutes.
constexpr std::uint64_t fade_calls = 1 << 17;

// Milliseconds a byte: finite and above 0, whatever the facts are.
double density_of(const Item& item) {
  constexpr double cost_min_ms = 1e-6, cost_max_ms = 1e12;
  const double cost = item.cost_ms > cost_min_ms ? std::min(item.cost_ms, cost_max_ms) : cost_min_ms;
  return cost / static_cast<double>(std::max<std::uint64_t>(item.size, 1));
}

std::uint32_t octave_of(double density, std::uint32_t octaves) {
  constexpr int lowest = -40;
  return static_cast<std::uint32_t>(std::clamp(std::ilogb(density) - lowest, 0, static_cast<int>(octaves) - 1));
}

}  // namespace

ValuePolicy::ValuePolicy()
    : queues_(queue_count), oldest_(queue_count), learn_at_(learn_calls_min), fade_at_(fade_calls) {}

void ValuePolicy::inserted(Item& item) {
  const Index index = count_request(item);
  newcomer_.reset();
  history_.inserted(index);
  KeyRecord& record = history_[index];
  record.uses = std::max(record.uses, item.hits + 1);  // its hits while it was pinned were not told
  record.kind = static_cast<std::uint8_t>(ReuseOdds::kind_of(item.level, record.uses, item.importance));
  item.heap_index = index;
  item.priority = density_of(item);
  enqueue(item);
}

void ValuePolicy::hit(Item& item) {
  dequeue(item);
  advance_time();
  count_use(item.heap_index, item);
  enqueue(item);
}

Item* ValuePolicy::victim(const Item* incoming) {
  std::optional<std::size_t> least;
  double least_worth = 0;
  for (std::size_t word = 0; word < filled_.size(); ++word) {
    for (std::uint64_t bits = filled_[word]; bits != 0; bits &= bits - 1) {
      const auto queue = word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
      const Oldest& oldest = oldest_[queue];
      const double its_worth = worth(static_cast<std::uint32_t>(queue / octaves), oldest.last_use, oldest.density);
      if (least && its_worth >= least_worth) continue;
      least = queue;
      least_worth = its_worth;
    }
  }
  if (!least) return nullptr;
  if (incoming != nullptr) {
    const KeyRecord& record = history_[count_request(*incoming)];
    if (worth(record.kind, record.last_use, density_of(*incoming)) < least_worth) return nullptr;
  }
  return &queues_[*least].front();
}

void ValuePolicy::removed(Item& item, RemovalCause why) {
  dequeue(item);
  const Index index = item.heap_index;
  count_waiting(history_[index]);
  history_.removed(index);
  if (why != RemovalCause::evicted && history_[index].uses > 0) history_.drop(index);
}

void ValuePolicy::declined(const Item& incoming) {
  (void)incoming;  // victim() has recorded it
  newcomer_.reset();
}

void ValuePolicy::importance_changed(Item& item) {
  KeyRecord& record = history_[item.heap_index];
  const std::uint32_t kind = ReuseOdds::kind_of(item.level, record.uses, item.importance);
  if (kind == record.kind) return;
  dequeue(item);
  count_waiting(record);
  record.kind = static_cast<std::uint8_t>(kind);
  enqueue(item);  // as the youngest, which it nearly is: importance is known soon after storing
}

ReuseMemory ValuePolicy::learnt(std::size_t uses_max) {
  std::vector<Index> latest;
  for (Index index = 0; index < history_.index_end(); ++index) {
    if (history_[index].uses == 0) continue;
    count_waiting(history_[index]);
    latest.push_back(index);
  }
  const auto last_use = [this](Index index) { return history_[index].last_use; };
  if (latest.size() > uses_max) {
    std::ranges::nth_element(latest, latest.end() - static_cast<std::ptrdiff_t>(uses_max), {}, last_use);
    latest.erase(latest.begin(), latest.end() - static_cast<std::ptrdiff_t>(uses_max));
  }
  std::ranges::stable_sort(latest, {}, last_use);
  ReuseMemory memory{.calls = now_, .counts = odds_.counts(), .uses = {}};
  for (const Index index : latest) {
    const KeyRecord& record = history_[index];
    memory.uses.push_back({record.id, now_ - record.last_use, record.uses, record.kind});
  }
  return memory;
}

bool ValuePolicy::recall(const ReuseMemory& memory) {
  const auto is_use = [&](const ReuseMemory::Use& use) {
    return use.uses > 0 && use.age <= memory.calls && use.kind < ReuseOdds::kinds;
  };
  if (!std::ranges::all_of(memory.uses, is_use) || !odds_.restore(memory.counts)) return false;
  now_ = memory.calls;
  learn_at_ = now_ + std::clamp(now_ / 16, learn_calls_min, learn_calls_max);
  fade_at_ = now_ + fade_calls;
  for (const ReuseMemory::Use& use : memory.uses) {
    if (history_.find(use.id)) continue;
    KeyRecord& record = history_[history_.add(use.id)];
    record.last_use = now_ - use.age;
    record.counted_until = now_;
    record.uses = use.uses;
    record.kind = use.kind;
  }
  return true;
}

void ValuePolicy::restored(Item& item) {
  std::optional<Index> index = history_.find(item.id);
  if (!index || history_[*index].cached) {
    index = history_.add(item.id);
    history_[*index].last_use = history_[*index].counted_until = now_;
  }
  history_.inserted(*index);
  KeyRecord& record = history_[*index];
  record.kind = static_cast<std::uint8_t>(ReuseOdds::kind_of(item.level, record.uses, item.importance));
  item.heap_index = *index;
  item.priority = density_of(item);
  enqueue(item);
}

ValuePolicy::Index ValuePolicy::count_request(const Item& item) {
  if (newcomer_) {  // dropped meanwhile, if an owner asked for a victim and then gave up
    const KeyRecord& record = history_[*newcomer_];
    if (record.id == item.id && record.uses > 0 && !record.cached) return *newcomer_;
  }
  advance_time();
  const std::optional<Index> found = history_.find(item.id);
  if (found && !history_[*found].cached) {
    count_use(*found, item);
    return *(newcomer_ = found);
  }
  if (const auto oldest = history_.ghost_to_drop()) {
    count_waiting(history_[*oldest]);
    history_.drop(*oldest);
  }
  newcomer_ = history_.add(item.id);
  KeyRecord& record = history_[*newcomer_];
  record.last_use = record.counted_until = now_;
  record.kind = static_cast<std::uint8_t>(ReuseOdds::kind_of(item.level, record.uses, item.importance));
  return *newcomer_;
}

void ValuePolicy::count_use(Index index, const Item& item) {
  KeyRecord& record = history_[index];
  count_waiting(record);
  odds_.requested(record.kind, now_ - record.last_use);
  record.uses += record.uses < UINT32_MAX ? 1 : 0;
  record.last_use = record.counted_until = now_;
  record.kind = static_cast<std::uint8_t>(ReuseOdds::kind_of(item.level, record.uses, item.importance));
}

void ValuePolicy::count_waiting(KeyRecord& record) {
  odds_.waited(record.kind, record.counted_until - record.last_use, now_ - record.last_use);
  record.counted_until = now_;
}

void ValuePolicy::advance_time() {
  ++now_;
  if (now_ >= learn_at_) {
    count_all_waiting();
    odds_.learn();
    learn_at_ = now_ + std::clamp(now_ / 16, learn_calls_min, learn_calls_max);
  }
  if (now_ >= fade_at_) {
    odds_.fade();
    fade_at_ = now_ + fade_calls;
  }
}

void ValuePolicy::count_all_waiting() {
  const std::size_t end = history_.index_end();
  for (std::size_t n = std::min(end, count_max); n > 0; --n) {
    count_next_ = count_next_ + 1 < end ? count_next_ + 1 : 0;
    if (history_[count_next_].uses > 0) count_waiting(history_[count_next_]);
  }
}

void ValuePolicy::enqueue(Item& item) {
  const KeyRecord& record = history_[item.heap_index];
  const std::uint32_t queue = record.kind * octaves + octave_of(item.priority, octaves);
  item.frequency = queue;
  item.stamp = record.last_use;
  queues_[queue].push_back(item);
  if (&queues_[queue].front() == &item) front_changed(queue);
}

void ValuePolicy::dequeue(Item& item) {
  ItemList& queue = queues_[item.frequency];
  const bool was_front = &queue.front() == &item;
  queue.erase(queue.iterator_to(item));
  if (was_front) front_changed(item.frequency);
}

void ValuePolicy::front_changed(std::uint32_t queue) {
  const std::uint64_t bit = 1ULL << (queue % 64);
  if (queues_[queue].empty()) {
    filled_[queue / 64] &= ~bit;
    return;
  }
  filled_[queue / 64] |= bit;
  const Item& oldest = queues_[queue].front();
  oldest_[queue] = {oldest.stamp, oldest.priority};
}

}  // namespace fovea
