// What `fovea profile` prints: tables for people, and one JSON document for programs. Pure functions.
#pragma once

#include <string>

#include "profile/profile.h"
#include "profile/request_cost.h"

namespace fovea::app {

// The measured numbers, what they predict for the paper's load, and what to switch on.
std::string profile_text(const Profile& profile, const LoadShares& shares);

// The same in one line: {"profile", "paper_load", "models": [{"name", "request_ms", "paper_load", "advice"}],
// "comparison"}.
std::string profile_json(const Profile& profile, const LoadShares& shares);

}  // namespace fovea::app
