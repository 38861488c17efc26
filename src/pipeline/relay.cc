#include "pipeline/relay.h"

#include <utility>

#include "pipeline/relay_run.h"
#include "store/level_stores.h"

namespace fovea {

Relay::Relay(Upstream& upstream, const RelayOptions& options)
    : upstream_(upstream),
      options_(options),
      clock_(options.clock != nullptr ? *options.clock : Clock::wall()),
      aliases_(options.decode_limits, options.tiers),
      store_(make_store(RecordKind::relayed_response, options.response_bytes_max, options.policy, options.tiers,
                        &events_)),
      responses_(*store_, options.response_bytes_max > 0, nullptr, clock_),
      asking_(options.requests_max),
      waiting_(options.requests_max) {}

Result<RelayAnswer> Relay::answer(const RelayRequest& request, const RelayListener& listener, std::stop_token stop) {
  return RelayRun(*this, request, listener, std::move(stop)).run();
}

std::size_t Relay::purge(const Key& image_key, std::string_view tenant) {
  return responses_.purge(tenant_label(tenant), image_key);
}

std::size_t Relay::purge(std::string_view tenant) { return responses_.purge(tenant_label(tenant)); }

}  // namespace fovea
