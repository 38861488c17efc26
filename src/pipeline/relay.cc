#include "pipeline/relay.h"

#include <algorithm>

#include "pipeline/erase_if.h"
#include "pipeline/keys.h"
#include "pipeline/relay_entry.h"
#include "pipeline/relay_run.h"

namespace fovea {

namespace {

// Answers age by the time of day, so that they may be kept longer than this process runs.
class DayClock final : public Clock {
 public:
  double now_ms() const override { return unix_time_ms(); }
};

const Clock& day_clock() {
  static const DayClock clock;
  return clock;
}

}  // namespace

Relay::Relay(Upstream& upstream, const RelayOptions& options)
    : upstream_(upstream),
      options_(options),
      clock_(options.clock != nullptr ? *options.clock : day_clock()),
      pictures_(options.decode_limits),
      responses_(LevelOptions{.bytes_max = options.response_bytes_max, .policy = options.policy}),
      asking_(options.requests_max) {}

Result<RelayAnswer> Relay::answer(const RelayRequest& request, const OnBytes& on_bytes, std::stop_token stop) {
  return RelayRun(*this, request, on_bytes, std::move(stop)).run();
}

std::size_t Relay::purge(const Key& image_key, std::string_view tenant) {
  return erase_if(responses_, [&, number = tenant_number(tenant)](const EntryView& entry) {
    const auto stored = RelayEntry::from_blob(entry.value);
    return entry.tenant == number && stored && std::ranges::contains(stored->image_keys, image_key);
  });
}

std::size_t Relay::purge(std::string_view tenant) {
  return erase_if(responses_,
                  [number = tenant_number(tenant)](const EntryView& entry) { return entry.tenant == number; });
}

}  // namespace fovea
