// ResponsesHandler: /v1/responses: answers, and responses that were stored. Thread-safe. Owns the stored
// responses; borrows everything else.
#pragma once

#include <string>
#include <vector>

#include "pipeline/pipeline.h"
#include "serve/asking/answer_sender.h"
#include "serve/asking/intake.h"
#include "serve/backend.h"
#include "serve/responses/response_store.h"

namespace fovea::serve {

class ResponsesHandler {
 public:
  struct Parts {
    Pipeline& pipeline;
    const VisionLanguageEngine& engine;
    const Intake& intake;
    const AnswerSender& sender;
    std::string model;  // its name in replies
    ResponseStoreOptions store;
  };
  explicit ResponsesHandler(const Parts& parts)
      : pipeline_(parts.pipeline),
        engine_(parts.engine),
        intake_(parts.intake),
        sender_(parts.sender),
        model_(parts.model),
        store_(parts.store) {}

  // POST /v1/responses
  void create(Exchange& exchange, const Tenant& tenant);
  // POST /v1/responses/input_tokens; GET /v1/responses/ID and /v1/responses/ID/input_items; DELETE
  // /v1/responses/ID.
  std::vector<BackendRoute> routes();

  // Removes a tenant's stored responses; the result is how many there were.
  std::size_t purge(std::string_view tenant) { return store_.purge(tenant); }

 private:
  void count(Exchange& exchange, const Tenant& tenant);
  void show(Exchange& exchange, const Tenant& tenant);
  void remove(Exchange& exchange, const Tenant& tenant);

  Pipeline& pipeline_;
  const VisionLanguageEngine& engine_;
  const Intake& intake_;
  const AnswerSender& sender_;
  const std::string model_;
  ResponseStore store_;
};

}  // namespace fovea::serve
