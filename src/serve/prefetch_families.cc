#include "serve/prefetch_families.h"

namespace fovea::serve {

namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

}  // namespace

// Precision and coverage are left to Prometheus, which has them for any span of time.
std::vector<MetricFamily> prefetch_families(const std::optional<PrefetchCounts>& counts) {
  std::vector<MetricFamily> families;
  const auto counter = [&](const char* name, const char* help, std::uint64_t PrefetchCounts::* count) {
    MetricFamily& family = families.emplace_back(MetricFamily{name, help, MetricType::Counter, {}});
    if (counts) family.metric.emplace_back().counter.value = static_cast<double>((*counts).*count);
  };
  counter("fovea_prefetch_issued_total",
          "Pictures that began to be moved from a tier to memory ahead of a request. Each is used, late or wasted in "
          "the end.",
          &PrefetchCounts::issued);
  counter("fovea_prefetch_used_total",
          "Of them, those that a request found in memory and that were there when it began. Divided by those issued: "
          "the precision.",
          &PrefetchCounts::used);
  counter("fovea_prefetch_late_total", "Of them, those that were asked for before they were moved.",
          &PrefetchCounts::late);
  counter("fovea_prefetch_wasted_total",
          "Of them, those that were evicted or removed before they were asked for, not found, or not asked for in ten "
          "minutes.",
          &PrefetchCounts::wasted);
  counter("fovea_prefetch_waited_total",
          "Requests that waited for a tier all the same. The part of those used in the sum of both is the coverage.",
          &PrefetchCounts::waited);
  counter("fovea_prefetch_bytes_total", "Bytes that were moved ahead.", &PrefetchCounts::bytes);
  counter("fovea_prefetch_wasted_bytes_total", "Of them, those that no request took.", &PrefetchCounts::wasted_bytes);
  counter("fovea_prefetch_dropped_total",
          "Predictions that nothing was moved for: asked for meanwhile, not worth it, or the server was never idle.",
          &PrefetchCounts::dropped);
  counter("fovea_prefetch_tried_total",
          "Predictions that were only made to see whether they come true; nothing is moved for them.",
          &PrefetchCounts::tried);
  return families;
}

}  // namespace fovea::serve
