// ModelRoutes: what llama-server's and vLLM's clients ask besides chats: completions, prompts and their
// tokens, and the model itself. Thread-safe. Borrows what it is made with.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"
#include "pipeline/pipeline.h"
#include "serve/asking/answer_sender.h"
#include "serve/asking/intake.h"
#include "serve/backend.h"
#include "serve/model/completions_handler.h"
#include "serve/model/prompts_handler.h"

namespace fovea::serve {

class ModelRoutes {
 public:
  struct Parts {
    Pipeline& pipeline;
    const VisionLanguageEngine& engine;
    const Intake& intake;
    const AnswerSender& sender;
    std::string model;        // its name in replies
    std::string fingerprint;  // of its weights and options
  };
  explicit ModelRoutes(Parts parts);

  // Their handlers live no longer than this object.
  std::vector<BackendRoute> routes() const;

 private:
  void props(Exchange& exchange, const Tenant& tenant) const;
  void slots(Exchange& exchange, const Tenant& tenant) const;

  const Parts parts_;
  const CompletionsHandler completions_;
  const PromptsHandler prompts_;
};

}  // namespace fovea::serve
