// S3FifoPolicy: three FIFO queues, so that what is asked for once leaves early without having disturbed the rest.
//
// S3-FIFO (Yang et al., "FIFO queues are all you need for cache eviction", SOSP 2023), by bytes instead of objects. Newcomers wait in a
// small queue with a tenth of the bytes; those hit more than once there go on to the main queue, the others leave
// and are remembered as ghosts. Who comes back while remembered goes straight to the main queue, where every hit (up to
// three) buys another round.
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
  void removed(Item& item, Departure why) override;
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
