#include "serve/audit_families.h"

namespace fovea::serve {

using prometheus::MetricFamily;
using prometheus::MetricType;

std::vector<MetricFamily> audit_families(const std::optional<TrafficRecorded>& counts) {
  MetricFamily requests{"fovea_audit_requests_total",
                        "Requests for fovea audit: recorded; dropped, since there was no room in the queue; unread, "
                        "since they ask nothing that an audit knows; unwritten, since the folder could not be written.",
                        MetricType::Counter,
                        {}};
  MetricFamily waiting{
      "fovea_audit_requests_waiting", "Answered requests that wait to be recorded.", MetricType::Gauge, {}};
  MetricFamily bytes{"fovea_audit_bytes", "Bytes of the folder of --audit.", MetricType::Gauge, {}};
  if (counts) {
    const auto count = [&](const char* outcome, std::uint64_t number) {
      prometheus::ClientMetric& metric = requests.metric.emplace_back();
      metric.label = {{"outcome", outcome}};
      metric.counter.value = static_cast<double>(number);
    };
    count("recorded", counts->recorded);
    count("dropped", counts->dropped);
    count("unread", counts->unread);
    count("unwritten", counts->unwritten);
    waiting.metric.emplace_back().gauge.value = static_cast<double>(counts->waiting);
    bytes.metric.emplace_back().gauge.value = static_cast<double>(counts->bytes);
  }
  return {std::move(requests), std::move(waiting), std::move(bytes)};
}

}  // namespace fovea::serve
