// Ghosts: a bounded memory of removed keys and of contents that tenants stored. It gives a miss its reason.
//
// It remembers 64 bits of each key. Two keys that share them could only mislead a statistic. The oldest are
// dropped first. Not thread-safe: guarded by the budget core's lock.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <vector>

#include "fovea/level_stats.h"

namespace fovea {

class Ghosts {
 public:
  // The entry `id` was removed for `reason` (evicted, expired or erased).
  void removed(std::uint64_t id, MissReason reason) { removed_.put(id, static_cast<std::uint8_t>(reason)); }
  // A tenant stored `content` (EntryTerms::content; 0 is not remembered).
  void stored(std::uint64_t content) {
    if (content != 0) contents_.put(content, 0);
  }
  // Why a look-up of `id` found nothing.
  MissReason reason(std::uint64_t id, std::uint64_t content) const;

 private:
  // A bounded map that drops its oldest keys.
  class Memory {
   public:
    void put(std::uint64_t id, std::uint8_t what);
    const std::uint8_t* find(std::uint64_t id) const;

   private:
    // At most some 1.6 MiB a level. A level of 10 GiB holds so many of the smallest embeddings in use (150
    // KB).
    static constexpr std::size_t keys_max = 65536;

    boost::unordered_flat_map<std::uint64_t, std::uint8_t> known_;
    std::vector<std::uint64_t> order_;  // a ring of the keys in the order they were added
    std::size_t next_ = 0;              // the place in the ring that is overwritten next
  };

  Memory removed_;
  Memory contents_;
};

}  // namespace fovea
