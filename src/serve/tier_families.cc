// One family for each number, with a metric for each tier and level, so that a query can add up any of them.
// Rates and ratios are left to Prometheus: here are sums since the start only.
#include "serve/tier_families.h"

#include <string>

namespace fovea::serve {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

ClientMetric metric_of(MetricType type, double value) {
  ClientMetric metric;
  (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  return metric;
}

// One metric for each tier and level.
template <typename Value>
MetricFamily by_level(const std::vector<TierStats>& tiers, const char* name, const char* help, MetricType type,
                      Value value) {
  MetricFamily family{name, help, type, {}};
  for (const TierStats& tier : tiers) {
    for (const RecordKind kind : all_record_kinds) {
      ClientMetric& metric =
          family.metric.emplace_back(metric_of(type, double(value(tier.use[static_cast<std::size_t>(kind) - 1]))));
      metric.label = {{"tier", std::string(to_string(tier.kind))}, {"level", std::string(to_string(kind))}};
    }
  }
  return family;
}

// One metric for each tier.
template <typename Value>
MetricFamily by_tier(const std::vector<TierStats>& tiers, const char* name, const char* help, MetricType type,
                     Value value) {
  MetricFamily family{name, help, type, {}};
  for (const TierStats& tier : tiers) {
    ClientMetric& metric = family.metric.emplace_back(metric_of(type, double(value(tier))));
    metric.label = {{"tier", std::string(to_string(tier.kind))}};
  }
  return family;
}

MetricFamily doubtful(const std::vector<TierStats>& tiers) {
  MetricFamily family{
      "fovea_tier_doubtful_total", "Entries found and not believed, by reason.", MetricType::Counter, {}};
  for (const TierStats& tier : tiers) {
    for (std::size_t i = 0; i < record_faults; ++i) {
      ClientMetric& metric = family.metric.emplace_back(metric_of(MetricType::Counter, double(tier.doubtful[i])));
      metric.label = {{"tier", std::string(to_string(tier.kind))},
                      {"reason", std::string(to_string(static_cast<RecordFault>(i)))}};
    }
  }
  return family;
}

}  // namespace

std::vector<MetricFamily> tier_families(const std::vector<TierStats>& tiers) {
  using enum MetricType;
  return {
      by_level(tiers, "fovea_tier_hits_total", "Look-ups that found an entry.", Counter,
               [](const TierUse& use) { return use.hits; }),
      by_level(tiers, "fovea_tier_misses_total", "Look-ups that found none.", Counter,
               [](const TierUse& use) { return use.misses; }),
      by_level(tiers, "fovea_tier_skipped_total",
               "Look-ups left out: the tier fails, or takes longer than a hit would save.", Counter,
               [](const TierUse& use) { return use.skipped; }),
      by_level(tiers, "fovea_tier_failed_total", "Look-ups that ended with a fault, or too late.", Counter,
               [](const TierUse& use) { return use.failed; }),
      by_level(tiers, "fovea_tier_hit_bytes_total",
               "Bytes of the values found, also of those that were moved to memory ahead of requests.", Counter,
               [](const TierUse& use) { return use.hit_bytes; }),
      by_level(tiers, "fovea_tier_hit_seconds_total", "Time that hits took.", Counter,
               [](const TierUse& use) { return use.hit_ms / 1000; }),
      by_level(tiers, "fovea_tier_saved_seconds_total",
               "Compute time that hits saved, as measured when their entries were made.", Counter,
               [](const TierUse& use) { return use.saved_ms / 1000; }),
      by_level(tiers, "fovea_tier_written_total", "Entries written.", Counter,
               [](const TierUse& use) { return use.written; }),
      by_level(tiers, "fovea_tier_written_bytes_total", "Bytes of the values written.", Counter,
               [](const TierUse& use) { return use.written_bytes; }),
      by_level(tiers, "fovea_tier_not_worth_total", "Entries not written: they are computed sooner than read.", Counter,
               [](const TierUse& use) { return use.not_worth; }),
      by_level(tiers, "fovea_tier_write_failed_total", "Entries that could not be written.", Counter,
               [](const TierUse& use) { return use.write_failed; }),
      by_level(tiers, "fovea_tier_entries", "Entries stored now, about.", Gauge,
               [](const TierUse& use) { return use.content.entries; }),
      by_level(tiers, "fovea_tier_bytes", "Bytes stored now.", Gauge,
               [](const TierUse& use) { return use.content.bytes; }),
      by_level(tiers, "fovea_tier_bytes_max", "The most bytes that may be stored; 0 = the server's own limit.", Gauge,
               [](const TierUse& use) { return use.content.bytes_max; }),
      by_tier(tiers, "fovea_tier_queue_entries", "Entries that wait to be written.", Gauge,
              [](const TierStats& tier) { return tier.write_behind.entries; }),
      by_tier(tiers, "fovea_tier_queue_bytes", "Bytes of them.", Gauge,
              [](const TierStats& tier) { return tier.write_behind.bytes; }),
      by_tier(tiers, "fovea_tier_queue_dropped_total", "Entries not written since the queue was full.", Counter,
              [](const TierStats& tier) { return tier.write_behind.dropped; }),
      by_tier(tiers, "fovea_tier_reads_blocked", "Whether the tier fails and is not read for now.", Gauge,
              [](const TierStats& tier) { return tier.reading == BreakerState::closed ? 0 : 1; }),
      by_tier(tiers, "fovea_tier_writes_blocked", "Whether the tier fails and is not written for now.", Gauge,
              [](const TierStats& tier) { return tier.writing == BreakerState::closed ? 0 : 1; }),
      by_tier(tiers, "fovea_tier_breaker_opened_total", "How often it began to be left alone.", Counter,
              [](const TierStats& tier) { return tier.times_opened; }),
      doubtful(tiers),
  };
}

}  // namespace fovea::serve
