// GhostIds: the ids of the last entries that left, in the order they left, and nothing else of them.
//
// A hash table of (id, number of its leaving): an id is remembered while its number is high enough, so nothing is queued and
// forgetting the oldest costs nothing. Outdated slots go when the table fills up and is built anew. Two keys of one id are
// taken for one, which harms nobody. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fovea {

class GhostIds {
 public:
  // 16 bytes of table for each, twice over: 32 MiB at most. Caches of more entries remember a smaller part of their past.
  static constexpr std::uint64_t remembered_max = std::uint64_t{1} << 20;

  // Notes that `id` left, and forgets all but the last `window` to leave, or the last remembered_max if that is less.
  void remember(std::uint64_t id, std::uint64_t window);
  // Whether `id` is remembered; it is forgotten then.
  bool recall(std::uint64_t id);

 private:
  static constexpr std::uint64_t never_used = 0;
  static constexpr std::uint64_t recalled = 1;  // below every number that is given

  struct Slot {
    std::uint64_t id = 0;
    std::uint64_t number = never_used;
  };

  bool is_remembered(const Slot& slot) const { return slot.number >= oldest_; }
  Slot& slot_of(std::uint64_t id);
  void rebuild();

  std::vector<Slot> slots_;  // a power of two of them, linear probing
  std::size_t used_ = 0;
  std::uint64_t next_ = 2;    // the number of the next to leave
  std::uint64_t oldest_ = 2;  // the lowest number that is remembered
};

}  // namespace fovea
