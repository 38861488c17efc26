// A study of replays as tables for people, one for each budget. Thread-safe.
#pragma once

#include <string>

#include "replay/study.h"

namespace fovea::app {

std::string replay_text(const Study& study);

}  // namespace fovea::app
