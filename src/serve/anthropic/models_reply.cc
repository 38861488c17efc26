#include "serve/anthropic/models_reply.h"

#include <chrono>
#include <format>
#include <vector>

#include "serve/wire/json_text.h"

namespace fovea::serve::anthropic {

namespace json {

struct Model {
  std::string_view type = "model", id, display_name;
  std::string created_at;  // RFC 3339
};

struct ModelList {
  std::vector<Model> data;
  bool has_more = false;
  std::string_view first_id, last_id;
};

}  // namespace json

namespace {

json::Model shown(const ServedModel& model) {
  const std::chrono::sys_seconds created{std::chrono::seconds(model.created_unix_s)};
  return {.id = model.name, .display_name = model.name, .created_at = std::format("{:%FT%TZ}", created)};
}

}  // namespace

std::string model_json(const ServedModel& model) { return json_text(shown(model)); }

std::string models_json(const ServedModel& model) {
  return json_text(json::ModelList{.data = {shown(model)}, .first_id = model.name, .last_id = model.name});
}

}  // namespace fovea::serve::anthropic
