// An answer as one JSON object on one line, for machines. Its usage fields are OpenAI's. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "pipeline/request.h"

namespace fovea::app {

// `question` and `sources` are the request's; `answer` is what the pipeline returned for it.
std::string answer_json(const std::string& question, const std::vector<ImageSource>& sources, const Answer& answer);

}  // namespace fovea::app
