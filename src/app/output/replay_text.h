// A study of replays as a table that a person reads, one block a budget.
#pragma once

#include <string>

#include "replay/study.h"

namespace fovea::app {

std::string replay_text(const Study& study);

}  // namespace fovea::app
