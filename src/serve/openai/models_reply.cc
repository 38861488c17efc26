#include "serve/openai/models_reply.h"

#include <vector>

#include "serve/wire/json_text.h"

namespace fovea::serve {

namespace json {

struct Model {
  std::string_view id, object;
  std::int64_t created;
  std::string_view owned_by;
};

struct ModelList {
  std::string_view object;
  std::vector<Model> data;
};

}  // namespace json

namespace {
json::Model shown(const ServedModel& model) { return {model.name, "model", model.created_unix_s, "fovea"}; }
}  // namespace

std::string model_json(const ServedModel& model) { return json_text(shown(model)); }

std::string models_json(const ServedModel& model) { return json_text(json::ModelList{"list", {shown(model)}}); }

}  // namespace fovea::serve
