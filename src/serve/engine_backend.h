// EngineBackend: answers questions with a pipeline of our own. Thread-safe. Borrows what it is made with.
#pragma once

#include "engine/engine.h"
#include "pipeline/pipeline.h"
#include "serve/asking/answer_sender.h"
#include "serve/asking/intake.h"
#include "serve/backend.h"
#include "serve/image_resolver.h"
#include "serve/model/model_routes.h"
#include "serve/observer.h"
#include "serve/openai/chat_request.h"
#include "serve/openai/reply_form.h"
#include "serve/responses/responses_handler.h"
#include "serve/tenants.h"

namespace fovea::serve {

class EngineBackend final : public Backend {
 public:
  struct Parts {
    Pipeline& pipeline;
    const VisionLanguageEngine& engine;
    const ImageResolver& images;
    Observer& observer;
    RequestRules rules;
    std::string model;                 // its name in replies
    std::optional<double> timeout_ms;  // of every request
    bool attention = false;            // the engine reports attention, and the dashboard shows it
    ResponseStoreOptions responses = {};
  };
  explicit EngineBackend(Parts parts);

  void chat(Exchange& exchange, const Tenant& tenant) override;
  void responses(Exchange& exchange, const Tenant& tenant) override { responses_.create(exchange, tenant); }
  void models(Exchange& exchange) override;
  void model(Exchange& exchange) override;
  std::vector<BackendRoute> routes() override;
  Result<RequestReport> warm(const Request& request, const Listener& listener, const std::stop_token& stop) override;
  Parsed<void> keeps_what_it_warms() const override;
  LevelsStats stats() const override;
  std::vector<TierStats> tier_stats() const override { return parts_.pipeline.tier_stats(); }
  std::optional<PrefetchCounts> prefetch_counts() const override { return parts_.pipeline.prefetch_counts(); }
  std::optional<FrameMemoryUse> frame_memory() const override { return parts_.pipeline.frame_memory(); }
  ServerLoad load() const override;
  std::uint64_t parked_bytes() const override { return parts_.engine.parked_bytes(); }
  std::size_t purge(const Key& image_key, std::string_view tenant) override;
  std::size_t purge(std::string_view tenant) override;

 private:
  // POST /v1/messages of Anthropic's API, and /v1/messages/count_tokens.
  void messages(Exchange& exchange, const Tenant& tenant);
  void count_tokens(Exchange& exchange, const Tenant& tenant);

  void answer(Exchange& exchange, const Tenant& tenant, ChatRequest asked, ReplyForm& form, const Stopwatch& reading);

  const Parts parts_;
  const Intake intake_;
  const AnswerSender sender_;
  ResponsesHandler responses_;
  const std::string fingerprint_;  // of the model's weights and options, for replies
  const ModelRoutes model_routes_;
  const std::int64_t started_unix_s_;
};

}  // namespace fovea::serve
