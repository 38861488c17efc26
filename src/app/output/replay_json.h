// A study of replays as one JSON document, for machines.
#pragma once

#include <string>

#include "replay/study.h"

namespace fovea::app {

std::string replay_json(const Study& study);

}  // namespace fovea::app
