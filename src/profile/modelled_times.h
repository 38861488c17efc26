// modelled_times: a profile as the times of a ModelledEngine and of simulated nodes. Pure function.
#pragma once

#include "engine/modelled/modelled_times.h"
#include "profile/profile.h"

namespace fovea {

// Of `model`, one of the profile's. Its pictures are those of the profile's load, its answers as long as the
// load's mean.
ModelledTimes modelled_times(const Profile& profile, const ModelTimes& model);

}  // namespace fovea
