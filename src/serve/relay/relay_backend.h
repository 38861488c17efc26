// RelayBackend: answers questions by asking another server that speaks OpenAI's or Anthropic's API, or from
// that server's stored answers, and passes on to it whatever else a client asks. Thread-safe. Borrows what it
// is made with.
#pragma once

#include "engine/upstream/upstream.h"
#include "pipeline/relay.h"
#include "serve/backend.h"
#include "serve/image_resolver.h"
#include "serve/observer.h"
#include "serve/openai/chat_request.h"
#include "serve/relay/relayed_request.h"

namespace fovea::serve {

class RelayBackend final : public Backend {
 public:
  struct Parts {
    Relay& relay;
    Upstream& upstream;
    const ImageResolver& images;
    Observer& observer;
    RequestRules rules;
    DecodeLimits decode_limits;
    std::optional<double> timeout_ms;  // of every request
  };
  explicit RelayBackend(Parts parts) : parts_(std::move(parts)) {}

  void chat(Exchange& exchange, const Tenant& tenant) override { ask(RelayedApi::chat, exchange, tenant); }
  void responses(Exchange& exchange, const Tenant& tenant) override { ask(RelayedApi::responses, exchange, tenant); }
  void models(Exchange& exchange) override { pass(exchange); }
  void model(Exchange& exchange) override { pass(exchange); }
  // Completions and Anthropic's messages, whose answers are kept too; all else is passed on as it is.
  std::vector<BackendRoute> routes() override;
  Result<RequestReport> warm(const Request& request, const Listener& listener, const std::stop_token& stop) override;
  Parsed<void> keeps_what_it_warms() const override;
  LevelsStats stats() const override { return {{"response", parts_.relay.stats()}}; }
  std::vector<TierStats> tier_stats() const override { return parts_.relay.tier_stats(); }
  ServerLoad load() const override;
  std::size_t purge(const Key& image_key, std::string_view tenant) override {
    return parts_.relay.purge(image_key, tenant);
  }
  std::size_t purge(std::string_view tenant) override { return parts_.relay.purge(tenant); }

 private:
  void ask(RelayedApi api, Exchange& exchange, const Tenant& tenant);
  void pass(Exchange& exchange);
  Parsed<RelayRequest> read(RelayedApi api, const Exchange& exchange, const Tenant& tenant) const;
  void refuse_and_tell(Exchange& exchange, const Tenant& tenant, const Refusal& refusal);

  const Parts parts_;
};

}  // namespace fovea::serve
