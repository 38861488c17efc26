// TierGuesses: what is known of tiers before they are used, from a profile: how long they take, and what the
// model's entries cost and weigh. Without it a lane begins with what any disk or network does, and knows
// nothing of the entries. Plain values; pure functions.
#pragma once

#include <optional>

#include "profile/profile.h"
#include "store/lane/kind_traffic.h"
#include "store/lane/transfer_time.h"

namespace fovea {

struct TierGuesses {
  std::optional<TransferTime::Guess> disk, shared;  // where the profile has them
  KindTraffic::Averages expected{};
};

// For a process that runs `model`, one of the profile's.
TierGuesses tier_guesses(const Profile& profile, const ModelTimes& model);

}  // namespace fovea
