// advise: what to switch on with this model on this machine, by how much it helps, and why.
//
// Each piece is computed from a profile alone, so it can be asked for again without measuring. Pure
// functions; thread-safe.
#pragma once

#include <string>
#include <vector>

#include "profile/profile.h"
#include "profile/request_cost.h"

namespace fovea {

struct Advice {
  std::string topic;    // "embedding level", "drafts"
  std::string setting;  // the flags of fovea serve, or what the default does already
  double factor = 1;    // how many times as fast, of what `why` names
  std::string why;      // with the numbers
};

// About `model`, one of the profile's. `shares` are those of the paper's load.
std::vector<Advice> advise(const Profile& profile, const ModelTimes& model, const LoadShares& shares);

// Which of two models is faster here, and in what.
std::vector<Advice> compare(const ModelTimes& one, const ModelTimes& other);

}  // namespace fovea
