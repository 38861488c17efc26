// llama-server's fields, as far as they say something here. Its page takes the defaults of its settings from
// `params`, and does without those that are missing.
#include "serve/model/model_facts_json.h"

#include <vector>

#include "fovea/version.h"
#include "serve/model/completion_request.h"
#include "serve/wire/json_text.h"

namespace fovea::serve {

namespace json {

// Of llama-server's parameters, those that Fovea has too.
struct DefaultParams {
  std::int64_t seed;
  double temperature;
  std::int32_t top_k;
  double top_p, min_p, presence_penalty, frequency_penalty;
  std::vector<std::string> stop;
  std::int32_t max_tokens, n_predict;
};

struct DefaultSettings {
  std::int32_t id = 0;
  std::uint32_t n_ctx;
  bool speculative = false, is_processing = false;
  DefaultParams params;
};

struct Modalities {
  bool vision = true, audio = false;
};

struct Props {
  DefaultSettings default_generation_settings;
  std::uint32_t total_slots;
  std::string_view model_alias, model_path;
  Modalities modalities;
  std::string_view media_marker = serve::media_marker;
  bool endpoint_slots = true, endpoint_props = false, endpoint_metrics = true, webui = false;
  std::string_view draft_obstacle;  // Fovea's own: why no tokens of answers are drafted
  std::string_view kernels;         // Fovea's own: ModelFacts::kernels
  std::string_view chat_template, bos_token, eos_token, build_info = "fovea " FOVEA_VERSION;
  bool is_sleeping = false;
};

struct Slot {
  std::uint32_t id, n_ctx;
  bool speculative, is_processing;
};

}  // namespace json

std::string props_json(const ModelFacts& facts, const GenerateOptions& defaults, std::string_view model,
                       std::string_view draft_obstacle) {
  const json::DefaultParams params{.seed = defaults.seed ? std::int64_t{*defaults.seed} : -1,
                                   .temperature = defaults.temperature,
                                   .top_k = defaults.top_k,
                                   .top_p = defaults.top_p,
                                   .min_p = defaults.min_p,
                                   .presence_penalty = defaults.presence_penalty,
                                   .frequency_penalty = defaults.frequency_penalty,
                                   .stop = defaults.stop,
                                   .max_tokens = defaults.max_tokens,
                                   .n_predict = defaults.max_tokens};
  return json_text(json::Props{.default_generation_settings = {.n_ctx = facts.context_tokens,
                                                               .speculative = draft_obstacle.empty(),
                                                               .params = params},
                               .total_slots = facts.slots,
                               .model_alias = model,
                               .model_path = model,
                               .modalities = {},
                               .draft_obstacle = draft_obstacle,
                               .kernels = facts.kernels,
                               .chat_template = facts.chat_template,
                               .bos_token = facts.bos_token,
                               .eos_token = facts.eos_token});
}

std::string slots_json(const ModelFacts& facts, std::uint32_t computing, std::string_view draft_obstacle) {
  std::vector<json::Slot> slots;
  for (std::uint32_t id = 0; id < facts.slots; ++id)
    slots.push_back({.id = id,
                     .n_ctx = facts.context_tokens,
                     .speculative = draft_obstacle.empty(),
                     .is_processing = id < computing});
  return json_text(slots);
}

}  // namespace fovea::serve
