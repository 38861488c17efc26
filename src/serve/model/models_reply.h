// The replies to GET /v1/models and /v1/models/ID, for a server with one model: OpenAI's fields, with
// llama-server's (meta, models) and vLLM's (max_model_len) beside them. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/engine.h"

namespace fovea::serve {

struct ServedModel {
  std::string_view name;
  std::int64_t created_unix_s;
  ModelFacts facts = {};
};

std::string model_json(const ServedModel& model);
std::string models_json(const ServedModel& model);  // the list of it

}  // namespace fovea::serve
