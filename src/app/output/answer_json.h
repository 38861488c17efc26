// An answer as one JSON object on one line, for machines: the words of OpenAI's usage fields and of this project's
// levels.
#pragma once

#include <string>
#include <vector>

#include "pipeline/request.h"

namespace fovea::app {

std::string answer_json(const std::string& question, const std::vector<ImageSource>& sources, const Answer& answer);

}  // namespace fovea::app
