// tier_guesses: what a profile knows of tiers before they are used. A pure function.
#pragma once

#include "profile/profile.h"
#include "tier/open/tier_guesses.h"

namespace fovea {

// For a process that runs `model`, one of the profile's.
TierGuesses tier_guesses(const Profile& profile, const ModelTimes& model);

}  // namespace fovea
