// The replies to GET /v1/models and /v1/models/ID in the form of Anthropic's API. Pure functions.
#pragma once

#include <string>

#include "serve/model/models_reply.h"

namespace fovea::serve::anthropic {

std::string model_json(const ServedModel& model);
std::string models_json(const ServedModel& model);  // the list of it: one page

}  // namespace fovea::serve::anthropic
