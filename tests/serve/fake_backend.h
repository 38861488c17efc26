// FakeBackend: a backend that records what handlers ask of it, and answers as a test says.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "serve/backend.h"

namespace fovea::serve::test {

class FakeBackend final : public Backend {
 public:
  LevelsStats levels;                               // stats()
  std::vector<TierStats> tiers;                     // tier_stats()
  std::optional<PrefetchCounts> prefetch;           // prefetch_counts()
  std::vector<std::pair<std::string, Key>> purged;  // tenant and image, in order; Key{} for all of a tenant
  std::size_t purge_count = 0;                      // what purge() returns
  Result<void> decodes;                             // warm(), before on_start
  Result<void> encodes;                             // warm(), after on_start
  Parsed<void> keeps;                               // keeps_what_it_warms()
  RequestReport warm_report;                        // warm(), where both are well
  Request warm_request;                             // the last that warm() was given
  std::vector<std::string> warmed;                  // bytes of the sources that warm() was given
  std::string called;                               // the last of chat, responses, models, model

  void chat(Exchange& exchange, const Tenant& tenant) override { record("chat " + tenant.name, exchange); }
  void responses(Exchange& exchange, const Tenant& tenant) override { record("responses " + tenant.name, exchange); }
  void models(Exchange& exchange) override { record("models", exchange); }
  void model(Exchange& exchange) override { record("model", exchange); }

  Result<RequestReport> warm(const Request& request, const Listener& listener, const std::stop_token&) override {
    for (const ImageSource& source : request.sources) warmed.emplace_back(source.bytes.text());
    warm_request = request;
    if (!decodes) return std::unexpected(decodes.error());
    if (listener.on_start) listener.on_start({});
    if (!encodes) return std::unexpected(encodes.error());
    return warm_report;
  }

  Parsed<void> keeps_what_it_warms() const override { return keeps; }

  std::vector<TierStats> tier_stats() const override { return tiers; }
  std::optional<PrefetchCounts> prefetch_counts() const override { return prefetch; }
  LevelsStats stats() const override { return levels; }
  ServerLoad load() const override { return {}; }
  std::size_t purge(const Key& image_key, std::string_view tenant) override {
    purged.emplace_back(tenant, image_key);
    return purge_count;
  }
  std::size_t purge(std::string_view tenant) override { return purge(Key{}, tenant); }

 private:
  void record(std::string what, Exchange& exchange) {
    called = std::move(what);
    exchange.reply({});
  }
};

}  // namespace fovea::serve::test
