// A study of replays as one JSON document, for machines. Thread-safe.
#pragma once

#include <string>

#include "replay/study.h"

namespace fovea::app {

// One line, without its end.
std::string replay_json(const Study& study);

}  // namespace fovea::app
