// Three queues: probation, protected and window. Victims are taken from them in this order, the least
// recently used first. The window may only exceed its share while victim() makes room. Every request is
// counted in the sketch once: a hit in hit(), a stored newcomer in inserted(), a declined one in declined().
// A contest sums the frequencies of its rivals, so it costs O(rivals) with a bound.
#include "cache/policy/w_tinylfu.h"

#include <algorithm>

namespace fovea {

namespace {

// A contest compares no more rivals than this, so that a large entry among tiny ones costs microseconds. An
// entry that has not lost to the coldest thousand may have their bytes: they are hardly ever requested.
constexpr int rivals_max = 1024;

}  // namespace

void WTinyLfuPolicy::resized(std::uint64_t bytes_max) {
  bytes_max_ = bytes_max;
  queues_[in_window].bytes_max = bytes_max / 100;
  queues_[in_protected].bytes_max = (bytes_max - queues_[in_window].bytes_max) / 5 * 4;
}

void WTinyLfuPolicy::inserted(Item& item) {
  admitted_ = nullptr;
  Queue& window = queues_[in_window];
  put(item, item.size > window.bytes_max ? in_probation : in_window);
  while (window.bytes > window.bytes_max) move(window.items.front(), in_probation);
  sketch_.fit(queues_[in_probation].items.size() + queues_[in_protected].items.size() + window.items.size());
  sketch_.count(item.id);
}

void WTinyLfuPolicy::hit(Item& item) {
  sketch_.count(item.id);
  move(item, item.queue == in_window ? in_window : in_protected);
  Queue& shielded = queues_[in_protected];
  while (shielded.bytes > shielded.bytes_max) move(shielded.items.front(), in_probation);
}

Item* WTinyLfuPolicy::victim(const Item* incoming) {
  if (incoming == nullptr || incoming == admitted_ || coldest() == nullptr) return coldest();
  if (incoming->size <= queues_[in_window].bytes_max) return victim_for_window(incoming->size);
  // This request is counted later, by inserted() or declined(). Main may use room that the window does not
  // use. Pinned entries may take room that seems to be free, so there is one rival at least.
  const std::uint64_t held = queues_[in_probation].bytes + queues_[in_protected].bytes + queues_[in_window].bytes;
  const std::uint64_t needed = std::max<std::uint64_t>(held + incoming->size, bytes_max_ + 1) - bytes_max_;
  if (!wins(sketch_.frequency(incoming->id) + 1, needed, in_window)) return nullptr;
  admitted_ = incoming;
  return coldest();
}

// Lets entries drop out of the window until `size` bytes fit into it. An entry that loses its contest is the
// victim. An entry that wins moves to main, which is then over its share, so that main's coldest entries are
// the next victims.
Item* WTinyLfuPolicy::victim_for_window(std::uint64_t size) {
  Queue& window = queues_[in_window];
  while (window.bytes + size > window.bytes_max) {
    Item* rival = coldest();
    Item& leaver = window.items.front();
    if (!wins(sketch_.frequency(leaver.id), main_excess(leaver.size), in_protected)) return &leaver;
    move(leaver, in_probation);
    if (main_excess(0) > 0) return rival;
  }
  return coldest();
}

void WTinyLfuPolicy::removed(Item& item, RemovalCause /*why*/) { take(item); }

void WTinyLfuPolicy::declined(const Item& incoming) {
  admitted_ = nullptr;
  sketch_.count(incoming.id);
}

void WTinyLfuPolicy::put(Item& item, Segment segment) {
  item.queue = segment;
  queues_[segment].items.push_back(item);
  queues_[segment].bytes += item.size;
}

void WTinyLfuPolicy::take(Item& item) {
  Queue& queue = queues_[item.queue];
  queue.items.erase(queue.items.iterator_to(item));
  queue.bytes -= item.size;
}

void WTinyLfuPolicy::move(Item& item, Segment segment) {
  take(item);
  put(item, segment);
}

Item* WTinyLfuPolicy::coldest() {
  for (Queue& queue : queues_)
    if (!queue.items.empty()) return &queue.items.front();
  return nullptr;
}

// The bytes by which main would exceed its share with `size` more.
std::uint64_t WTinyLfuPolicy::main_excess(std::uint64_t size) const {
  const std::uint64_t held = queues_[in_probation].bytes + queues_[in_protected].bytes + size;
  const std::uint64_t share = bytes_max_ - queues_[in_window].bytes_max;
  return held > share ? held - share : 0;
}

// Whether `frequency` is above the summed frequencies of the coldest entries that have `bytes` together.
bool WTinyLfuPolicy::wins(unsigned frequency, std::uint64_t bytes, Segment last_rivals) const {
  std::uint64_t freed = 0;
  unsigned sum = 0;
  int rivals = 0;
  for (int segment = in_probation; segment <= last_rivals; ++segment) {
    for (const Item& rival : queues_[segment].items) {
      if (freed >= bytes || rivals++ == rivals_max) return true;
      sum += sketch_.frequency(rival.id);
      if (sum >= frequency) return false;
      freed += rival.size;
    }
  }
  return true;
}

}  // namespace fovea
