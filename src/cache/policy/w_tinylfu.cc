#include "cache/policy/w_tinylfu.h"

#include <algorithm>

namespace fovea {

namespace {

// A contest looks at no more rivals than this, so that a large entry among tiny ones costs microseconds. An entry that has
// not lost to the coldest thousand found them all but forgotten, and may have their place.
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
  // This request is counted when its fate is known. Room that the window does not use is anybody's. Pinned entries may take room
  // that seems to be there: one rival at least.
  const std::uint64_t held = queues_[in_probation].bytes + queues_[in_protected].bytes + queues_[in_window].bytes;
  const std::uint64_t needed = std::max<std::uint64_t>(held + incoming->size, bytes_max_ + 1) - bytes_max_;
  if (!wins(sketch_.frequency(incoming->id) + 1, needed, in_window)) return nullptr;
  admitted_ = incoming;
  return coldest();
}

// Lets entries drop out of the window until `size` bytes fit into it. One that loses its contest is the victim; one that wins
// goes over to main, which is then over its share, so that its coldest leave, now and for the next newcomers.
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

void WTinyLfuPolicy::removed(Item& item, Departure /*why*/) { take(item); }

void WTinyLfuPolicy::declined(const Item& incoming) {
  admitted_ = nullptr;
  sketch_.count(incoming.id);
}

void WTinyLfuPolicy::put(Item& item, Place place) {
  item.queue = place;
  queues_[place].items.push_back(item);
  queues_[place].bytes += item.size;
}

void WTinyLfuPolicy::take(Item& item) {
  Queue& queue = queues_[item.queue];
  queue.items.erase(queue.items.iterator_to(item));
  queue.bytes -= item.size;
}

void WTinyLfuPolicy::move(Item& item, Place place) {
  take(item);
  put(item, place);
}

Item* WTinyLfuPolicy::coldest() {
  for (Queue& queue : queues_)
    if (!queue.items.empty()) return &queue.items.front();
  return nullptr;
}

// By how much main would be over its share of the bytes with `size` more.
std::uint64_t WTinyLfuPolicy::main_excess(std::uint64_t size) const {
  const std::uint64_t held = queues_[in_probation].bytes + queues_[in_protected].bytes + size;
  const std::uint64_t share = bytes_max_ - queues_[in_window].bytes_max;
  return held > share ? held - share : 0;
}

// Whether `frequency` is above the sum of those of the coldest entries that have `bytes` together.
bool WTinyLfuPolicy::wins(unsigned frequency, std::uint64_t bytes, Place last_rivals) const {
  std::uint64_t freed = 0;
  unsigned sum = 0;
  int rivals = 0;
  for (int place = in_probation; place <= last_rivals; ++place) {
    for (const Item& rival : queues_[place].items) {
      if (freed >= bytes || rivals++ == rivals_max) return true;
      sum += sketch_.frequency(rival.id);
      if (sum >= frequency) return false;
      freed += rival.size;
    }
  }
  return true;
}

}  // namespace fovea
