// S3FifoPolicy: three FIFO queues. Entries that are requested once are evicted early, without displacing the
// others.
//
// S3-FIFO (Yang et al., "FIFO queues are all you need for cache eviction", SOSP 2023), by bytes instead of
// objects. Newcomers wait in a small queue with a tenth of the bytes. Those with two or more hits there move
// to the main queue; the others are evicted and remembered as ghosts. A key that is inserted while it is a
// ghost goes to the main queue at once. There every hit (up to three) gives another round. Not thread-safe.
#pragma once

#include <cstdint>

#include "cache/policy.h"
#include "cache/policy/ghost_ids.h"

namespace fovea {

class S3FifoPolicy : public Policy {
 public:
  void inserted(Item& item) override;
  void hit(Item& item) override;
  Item* victim(const Item* incoming) override;
  void removed(Item& item, RemovalCause why) override;
  void resized(std::uint64_t bytes_max) override { small_bytes_max_ = bytes_max / 10; }

 private:
  std::uint64_t ghost_window() const;
  Item* small_victim();
  Item& main_victim();

  ItemList small_;  // the oldest first, as in main_
  ItemList main_;
  GhostIds ghosts_;
  std::uint64_t small_bytes_ = 0;
  std::uint64_t small_bytes_max_ = 0;
};

}  // namespace fovea
