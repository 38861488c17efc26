// TierGuesses: what is known of tiers before they are used: how long they take, and what values cost and
// weigh. Without it a lane begins with what any disk or network does, and knows nothing of the values. Plain
// values.
#pragma once

#include <optional>

#include "store/lane/kind_traffic.h"
#include "store/lane/transfer_time.h"

namespace fovea {

struct TierGuesses {
  std::optional<TransferTime::Guess> disk, shared;  // where they were measured
  KindTraffic::Averages expected{};
};

}  // namespace fovea
