// order_fault() sorts the firm zones by their first end. Two of them overlap if and only if two neighbours
// do, and a loose zone lies inside a firm one if and only if it lies inside the last firm zone that begins
// before it. So it takes O(n log n).
#include "cache/key_history.h"

#include <algorithm>
#include <format>
#include <unordered_map>
#include <utility>
#include <vector>

namespace fovea::test {

namespace {

using Kind = KeyEvent::Kind;

constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

struct Zone {
  std::uint64_t version;
  const KeyEvent* first;  // to end
  const KeyEvent* last;   // to start

  std::uint64_t first_end() const { return first->end; }
  std::uint64_t last_start() const { return last->start; }
  bool firm() const { return first_end() < last_start(); }
  void add(const KeyEvent& event) {
    if (event.end < first->end) first = &event;
    if (event.start > last->start) last = &event;
  }
  std::string text() const {
    const auto spell = [](const KeyEvent& event) {
      return std::format("{} [{}, {}]", event.call, event.start, event.end);
    };
    const std::string what = version == 0 ? "nothing" : std::format("version {}", version);
    return first == last ? std::format("{} by {}", what, spell(*first))
                         : std::format("{} from {} to {}", what, spell(*first), spell(*last));
  }
};

using Writes = std::unordered_map<std::uint64_t, const KeyEvent*>;

Writes writes_of(std::span<const KeyEvent> events) {
  Writes writes;
  for (const KeyEvent& event : events) {
    if (event.kind == Kind::wrote) writes.emplace(event.version, &event);
  }
  return writes;
}

std::optional<std::string> unfounded_read(std::span<const KeyEvent> events) {
  const Writes writes = writes_of(events);
  for (const KeyEvent& event : events) {
    if (event.kind != Kind::read) continue;
    const auto write = writes.find(event.version);
    if (write == writes.end()) return std::format("version {} was read and never written", event.version);
    if (event.end < write->second->start)
      return std::format("version {} was read before it was written", event.version);
  }
  return std::nullopt;
}

// The zone of every version, and one for each event that found or left no value.
std::vector<Zone> zones_of(std::span<const KeyEvent> events) {
  std::vector<Zone> zones;
  std::unordered_map<std::uint64_t, std::size_t> place;
  for (const KeyEvent& event : events) {
    const bool holds_value = event.kind == Kind::wrote || event.kind == Kind::read;
    const auto [known, is_new] =
        holds_value ? place.try_emplace(event.version, zones.size()) : std::pair(place.end(), true);
    if (is_new)
      zones.push_back({holds_value ? event.version : 0, &event, &event});
    else
      zones[known->second].add(event);
  }
  return zones;
}

}  // namespace

std::optional<std::string> order_fault(std::span<const KeyEvent> events) {
  if (auto unfounded = unfounded_read(events)) return unfounded;
  std::vector<Zone> firm = zones_of(events);
  const auto loose_begin = std::ranges::partition(firm, &Zone::firm).begin();
  const std::vector<Zone> loose(loose_begin, firm.end());
  firm.erase(loose_begin, firm.end());
  std::ranges::sort(firm, {}, &Zone::first_end);
  for (std::size_t i = 1; i < firm.size(); ++i) {
    if (firm[i].first_end() < firm[i - 1].last_start())
      return std::format("two versions were there at once: {}; {}", firm[i - 1].text(), firm[i].text());
  }
  for (const Zone& zone : loose) {
    const auto after = std::ranges::upper_bound(firm, zone.last_start(), {}, &Zone::first_end);
    if (after == firm.begin() || zone.first_end() > std::prev(after)->last_start()) continue;
    return std::format("a lost value came back: {}; meanwhile {}", std::prev(after)->text(), zone.text());
  }
  return std::nullopt;
}

std::optional<std::string> pin_fault(std::span<const KeyEvent> events, std::span<const PinHold> holds) {
  std::vector<KeyEvent> changes, misses;
  for (const KeyEvent& event : events) {
    if (event.kind == Kind::wrote || event.kind == Kind::removed) changes.push_back(event);
    if (event.kind == Kind::missed) misses.push_back(event);
  }
  std::ranges::sort(changes, {}, &KeyEvent::end);
  std::ranges::sort(misses, {}, &KeyEvent::start);
  // The earliest start, or end, of each event and all events after it in that order.
  std::vector<std::uint64_t> change_start(changes.size() + 1, never), miss_end(misses.size() + 1, never);
  for (std::size_t i = changes.size(); i-- > 0;) change_start[i] = std::min(change_start[i + 1], changes[i].start);
  for (std::size_t i = misses.size(); i-- > 0;) miss_end[i] = std::min(miss_end[i + 1], misses[i].end);
  for (const PinHold& hold : holds) {
    const auto change = std::ranges::upper_bound(changes, hold.start, {}, &KeyEvent::end) - changes.begin();
    const std::uint64_t quiet_until = std::min(hold.release, change_start[static_cast<std::size_t>(change)]);
    const auto miss = std::ranges::upper_bound(misses, hold.end, {}, &KeyEvent::start) - misses.begin();
    if (miss_end[static_cast<std::size_t>(miss)] < quiet_until)
      return std::format("an entry pinned from {} to {} was missed", hold.end, quiet_until);
  }
  return std::nullopt;
}

std::optional<std::string> expiry_fault(std::span<const KeyEvent> events) {
  const Writes writes = writes_of(events);
  for (const KeyEvent& event : events) {
    if (event.kind != Kind::read) continue;
    const auto write = writes.find(event.version);
    if (write != writes.end() && event.began_ms >= write->second->expires_by_ms)
      return std::format("version {} was read at {} ms and was over by {} ms", event.version, event.began_ms,
                         write->second->expires_by_ms);
  }
  return std::nullopt;
}

}  // namespace fovea::test
