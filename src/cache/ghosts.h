// Ghosts: a bounded memory of keys that left a level, and of contents that tenants stored, so that a miss can be given its reason.
//
// Remembers 64 bits of each; two keys that share them could only mislead a statistic. The oldest memories go first. Not
// thread-safe: guarded by the budget core's lock.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <vector>

#include "fovea/level_stats.h"

namespace fovea {

class Ghosts {
 public:
  // The entry `id` left for `reason` (evicted, expired or erased).
  void departed(std::uint64_t id, MissReason reason) { departed_.put(id, static_cast<std::uint8_t>(reason)); }
  // Some tenant stored `content` (EntryTerms::content; 0 is not remembered).
  void stored(std::uint64_t content) {
    if (content != 0) contents_.put(content, 0);
  }
  // Why `id` was not found.
  MissReason reason(std::uint64_t id, std::uint64_t content) const;

 private:
  // A map that forgets its oldest keys beyond the bound.
  class Memory {
   public:
    void put(std::uint64_t id, std::uint8_t what);
    const std::uint8_t* find(std::uint64_t id) const;

   private:
    // Some 1.6 MiB a level at most: as many keys as a level of 10 GiB holds of the smallest embeddings in use (150 KB).
    static constexpr std::size_t keys_max = 65536;

    boost::unordered_flat_map<std::uint64_t, std::uint8_t> known_;
    std::vector<std::uint64_t> order_;  // a ring of the keys in the order they came
    std::size_t next_ = 0;              // where the ring goes on
  };

  Memory departed_;
  Memory contents_;
};

}  // namespace fovea
