// ReuseHistory: the uses of every key that ValuePolicy remembers: the cached keys and a bounded number of
// ghosts (keys that were evicted or never stored).
//
// With ghosts the policy can tell a rare key from a popular one that was evicted a moment ago, and it learns
// of waits that are longer than an entry stays in the cache. An Index stays valid until its record is
// dropped. Not thread-safe. Allocates when a key is added, never for a use.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <optional>
#include <vector>

namespace fovea {

struct KeyRecord {
  std::uint64_t id = 0;
  std::uint64_t last_use = 0;          // in calls of the policy
  std::uint64_t counted_until = 0;     // its waiting has been counted up to this call
  std::uint32_t uses = 0;              // 0 = the record is free
  std::uint32_t older = 0, newer = 0;  // its neighbours among the ghosts
  std::uint8_t kind = 0;               // ReuseOdds::kind_of
  bool cached = false;                 // in the cache; otherwise a ghost
  bool indexed = false;                // find() finds it: of two keys with one id, only the first
};

class ReuseHistory {
 public:
  using Index = std::uint32_t;

  // As many ghosts as cached keys are remembered, but at least 65,536 (5 MiB), so that a small cache of large
  // entries learns as well as a large one.
  static constexpr std::size_t ghosts_min = 65536;

  ReuseHistory();

  std::optional<Index> find(std::uint64_t id) const;
  // Adds a record of `id`, as a ghost. REQUIRES: there is no record of `id`, or it is cached.
  Index add(std::uint64_t id);
  // The oldest ghost where it must be dropped before a key is added; nullopt where there is room.
  std::optional<Index> ghost_to_drop() const;
  void drop(Index index);

  void inserted(Index index);  // REQUIRES: it is a ghost
  void removed(Index index);   // REQUIRES: it is cached. A record that find() does not find is dropped.

  KeyRecord& operator[](Index index) { return records_[index]; }
  // Every index is below this number. Records with uses == 0 are free.
  std::size_t index_end() const { return records_.size(); }
  std::size_t size() const { return records_.size() - 1 - free_.size(); }

 private:
  void link(Index index);  // as the newest ghost
  void unlink(Index index);

  std::vector<KeyRecord> records_;  // record 0 stands for both ends of the ring of ghosts
  std::vector<Index> free_;
  boost::unordered_flat_map<std::uint64_t, Index> by_id_;
  std::size_t cached_ = 0, ghosts_ = 0;
};

}  // namespace fovea
