// Two decisions hold this together.
//
// Queues instead of samples. Entries of one kind whose cost / size is within a factor of two differ in age alone, and the odds
// nearly always fall with age, so the least of each queue is its oldest, and the least of all is among some dozens of
// oldest ones. Choosing the least of 64 random entries instead lost up to a fifth of the saved time on the samples: a cache
// holds thousands of tiny responses for each large embedding, and a sample hardly ever sees an embedding. (Where odds rise with
// age, in loops, the youngest would be the least; it is the newcomer, which is weighed against the victim.)
//
// Counting everybody's waiting. The odds are asks divided by waits, so whoever waits must be counted, also those that are never
// asked for again. An acquaintance's wait is counted when it ends, and for all others before the odds are learned anew;
// counting them late makes first-timers look better than they are.
//
// Also tried and not kept: cost x uses / lifetime (hyperbolic) with and without learned exponents, which is worse on bursts
// and drifts; the rate now instead of ReuseOdds::worth, which is worse on small caches; the gap between uses as a further kind,
// which is better by 1 % at best and worse where questions come picture by picture.
#include "cache/policy/value.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace fovea {

namespace {

// The odds are learned anew after a sixteenth of all calls so far, within these bounds: often while there is little to go by,
// then seldom enough to cost some 0.1 us a call.
constexpr std::uint64_t learn_calls_min = 16, learn_calls_max = 4096;
// Acquaintances whose waiting is counted before learning: a bound on the pause (some 0.1 ms).
constexpr std::size_t count_max = 32768;
// After so many calls what was learned counts half. Habits change over days, not minutes.
constexpr std::uint64_t fade_calls = 1 << 17;

// Milliseconds a byte, finite and above 0 whatever the facts are.
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
  const Slot slot = met(item);
  newcomer_.reset();
  known_.came(slot);
  Acquaintance& one = known_[slot];
  one.uses = std::max(one.uses, item.hits + 1);  // it may have been pinned, and out of sight, meanwhile
  one.kind = static_cast<std::uint8_t>(ReuseOdds::kind_of(item.level, one.uses, item.importance));
  item.heap_index = slot;
  item.priority = density_of(item);
  enqueue(item);
}

void ValuePolicy::hit(Item& item) {
  dequeue(item);
  pass_time();
  used(item.heap_index, item);
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
    const Acquaintance& one = known_[met(*incoming)];
    if (worth(one.kind, one.last_use, density_of(*incoming)) < least_worth) return nullptr;
  }
  return &queues_[*least].front();
}

void ValuePolicy::removed(Item& item, Departure why) {
  dequeue(item);
  const Slot slot = item.heap_index;
  settle(known_[slot]);
  known_.left(slot);
  if (why != Departure::evicted && known_[slot].uses > 0) known_.purge(slot);
}

void ValuePolicy::declined(const Item& incoming) {
  (void)incoming;  // it is an acquaintance by now
  newcomer_.reset();
}

void ValuePolicy::importance_changed(Item& item) {
  Acquaintance& one = known_[item.heap_index];
  const std::uint32_t kind = ReuseOdds::kind_of(item.level, one.uses, item.importance);
  if (kind == one.kind) return;
  dequeue(item);
  settle(one);
  one.kind = static_cast<std::uint8_t>(kind);
  enqueue(item);  // as the youngest; importance is known soon after an entry was made, when it nearly is
}

ValuePolicy::Slot ValuePolicy::met(const Item& item) {
  if (newcomer_) {  // an owner that asked for a victim and then gave up leaves one that may be forgotten by now
    const Acquaintance& one = known_[*newcomer_];
    if (one.id == item.id && one.uses > 0 && !one.here) return *newcomer_;
  }
  pass_time();
  const std::optional<Slot> found = known_.find(item.id);
  if (found && !known_[*found].here) {
    used(*found, item);
    return *(newcomer_ = found);
  }
  if (const auto oldest = known_.crowded_out()) {
    settle(known_[*oldest]);
    known_.purge(*oldest);
  }
  newcomer_ = known_.meet(item.id);
  Acquaintance& one = known_[*newcomer_];
  one.last_use = one.counted = now_;
  one.kind = static_cast<std::uint8_t>(ReuseOdds::kind_of(item.level, one.uses, item.importance));
  return *newcomer_;
}

void ValuePolicy::used(Slot slot, const Item& item) {
  Acquaintance& one = known_[slot];
  settle(one);
  odds_.asked(one.kind, now_ - one.last_use);
  one.uses += one.uses < UINT32_MAX ? 1 : 0;
  one.last_use = one.counted = now_;
  one.kind = static_cast<std::uint8_t>(ReuseOdds::kind_of(item.level, one.uses, item.importance));
}

void ValuePolicy::settle(Acquaintance& one) {
  odds_.waited(one.kind, one.counted - one.last_use, now_ - one.last_use);
  one.counted = now_;
}

void ValuePolicy::pass_time() {
  ++now_;
  if (now_ >= learn_at_) {
    count_waiting();
    odds_.learn();
    learn_at_ = now_ + std::clamp(now_ / 16, learn_calls_min, learn_calls_max);
  }
  if (now_ >= fade_at_) {
    odds_.fade();
    fade_at_ = now_ + fade_calls;
  }
}

void ValuePolicy::count_waiting() {
  const std::size_t slots = known_.slots();
  for (std::size_t n = std::min(slots, count_max); n > 0; --n) {
    count_next_ = count_next_ + 1 < slots ? count_next_ + 1 : 0;
    if (known_[count_next_].uses > 0) settle(known_[count_next_]);
  }
}

void ValuePolicy::enqueue(Item& item) {
  const Acquaintance& one = known_[item.heap_index];
  const std::uint32_t queue = one.kind * octaves + octave_of(item.priority, octaves);
  item.frequency = queue;
  item.stamp = one.last_use;
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
