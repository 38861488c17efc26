// GhostIds: the ids of the last evicted entries, in the order of their eviction, and nothing else of them.
//
// A hash table of (id, number of its eviction). An id is remembered while its number is high enough. So there
// is no queue, and dropping the oldest id costs nothing. Outdated cells are removed when the table is full
// and is rebuilt. Two keys with the same id count as one, which does no harm. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace fovea {

class GhostIds {
 public:
  // 16 bytes a cell and about two cells an id: 32 MiB. Larger caches remember a smaller part of their
  // evictions.
  static constexpr std::uint64_t remembered_max = std::uint64_t{1} << 20;

  // Records the eviction of `id`, and drops all but the last `window` evictions, or the last remembered_max
  // if that is less.
  void remember(std::uint64_t id, std::uint64_t window);
  // Whether `id` is remembered. Drops it if it is.
  bool recall(std::uint64_t id);

 private:
  static constexpr std::uint64_t never_used = 0;
  static constexpr std::uint64_t recalled = 1;  // below every number that an eviction gets

  struct Cell {
    std::uint64_t id = 0;
    std::uint64_t number = never_used;
  };

  bool is_remembered(const Cell& cell) const { return cell.number >= oldest_; }
  Cell& cell_of(std::uint64_t id);
  void rebuild();

  std::vector<Cell> cells_;  // a power of two of them, linear probing
  std::size_t used_ = 0;
  std::uint64_t next_ = 2;    // the number of the next eviction
  std::uint64_t oldest_ = 2;  // the lowest number that is remembered
};

}  // namespace fovea
