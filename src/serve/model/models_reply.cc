#include "serve/model/models_reply.h"

#include <vector>

#include "serve/wire/json_text.h"

namespace fovea::serve {

namespace json {

struct Meta {
  std::int32_t n_vocab;
  std::uint32_t n_ctx;
  std::int32_t n_ctx_train, n_embd;
  std::uint64_t n_params, size;
};

struct Model {
  std::string_view id, object = "model";
  std::int64_t created;
  std::string_view owned_by = "fovea";
  std::uint32_t max_model_len;
  Meta meta;
};

struct NamedModel {
  std::string_view name, model, description;
  std::vector<std::string_view> capabilities;
};

struct ModelList {
  std::string_view object = "list";
  std::vector<Model> data;
  std::vector<NamedModel> models;
};

}  // namespace json

namespace {

json::Model shown(const ServedModel& model) {
  const ModelFacts& facts = model.facts;
  return {.id = model.name,
          .created = model.created_unix_s,
          .max_model_len = facts.context_tokens,
          .meta = {facts.vocabulary, facts.context_tokens, facts.trained_tokens, facts.width, facts.parameters,
                   facts.bytes}};
}

}  // namespace

std::string model_json(const ServedModel& model) { return json_text(shown(model)); }

std::string models_json(const ServedModel& model) {
  return json_text(
      json::ModelList{.data = {shown(model)},
                      .models = {{model.name, model.name, model.facts.description, {"completion", "multimodal"}}}});
}

}  // namespace fovea::serve
