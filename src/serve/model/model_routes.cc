#include "serve/model/model_routes.h"

#include <utility>

#include "serve/model/model_facts_json.h"

namespace fovea::serve {

ModelRoutes::ModelRoutes(Parts parts)
    : parts_(std::move(parts)),
      completions_({parts_.engine, parts_.intake, parts_.sender, parts_.model, parts_.fingerprint}),
      prompts_({parts_.engine, parts_.pipeline, parts_.intake, parts_.model}) {}

std::vector<BackendRoute> ModelRoutes::routes() const {
  const auto ask = [](const auto& handler, auto handle) {
    return [&handler, handle](Exchange& exchange, const Tenant& tenant) { (handler.*handle)(exchange, tenant); };
  };
  return {
      {"POST", "/v1/completions", ask(completions_, &CompletionsHandler::completions)},
      {"POST", "/completion", ask(completions_, &CompletionsHandler::native)},
      {"POST", "/completions", ask(completions_, &CompletionsHandler::native)},
      {"POST", "/v1/chat/completions/render", ask(prompts_, &PromptsHandler::render)},
      {"POST", "/v1/chat/completions/input_tokens", ask(prompts_, &PromptsHandler::input_tokens)},
      {"POST", "/tokenize", ask(prompts_, &PromptsHandler::tokenize)},
      {"POST", "/detokenize", ask(prompts_, &PromptsHandler::detokenize)},
      {"POST", "/apply-template", ask(prompts_, &PromptsHandler::apply_template)},
      {"GET", "/props", ask(*this, &ModelRoutes::props)},
      {"GET", "/slots", ask(*this, &ModelRoutes::slots)},
  };
}

void ModelRoutes::props(Exchange& exchange, const Tenant&) const {
  exchange.reply({.body = props_json(parts_.engine.facts(), parts_.intake.rules().defaults, parts_.model,
                                     parts_.engine.draft_obstacle())});
}

void ModelRoutes::slots(Exchange& exchange, const Tenant&) const {
  exchange.reply(
      {.body = slots_json(parts_.engine.facts(), parts_.pipeline.computing(), parts_.engine.draft_obstacle())});
}

}  // namespace fovea::serve
