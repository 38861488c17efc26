// Metrics: counters and histograms of the server, for Prometheus to collect.
//
// Levels and tiers count for themselves (LevelStats, TierStats), and are asked through a function when the
// page is made. Counted here are requests, and the stages of those that were answered. Thread-safe.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/request_report.h"
#include "serve/audit/traffic_recorder.h"
#include "serve/cache_admin.h"

namespace fovea::serve {

class Metrics {
 public:
  // `parked_bytes`: of what idle sequences held.
  explicit Metrics(
      std::function<LevelsStats()> levels, std::function<ServerLoad()> load = [] { return ServerLoad{}; },
      std::function<std::vector<TierStats>()> tiers = [] { return std::vector<TierStats>(); },
      std::function<std::uint64_t()> parked_bytes = [] { return std::uint64_t{0}; },
      std::function<std::optional<PrefetchCounts>()> prefetch = [] { return std::optional<PrefetchCounts>(); },
      std::function<std::optional<TrafficRecorded>()> recorded = [] { return std::optional<TrafficRecorded>(); },
      std::function<std::optional<FrameMemoryUse>()> frames = [] { return std::optional<FrameMemoryUse>(); });

  // A request was answered, or refused with a status.
  void count(const RequestReport& report);
  void count_refusal(int status);

  // Everything in Prometheus' text format (version 0.0.4).
  std::string page() const;

 private:
  using Histograms = std::vector<prometheus::Histogram*>;

  const std::function<LevelsStats()> levels_;
  const std::function<ServerLoad()> load_;
  const std::function<std::vector<TierStats>()> tiers_;
  const std::function<std::uint64_t()> parked_bytes_;
  const std::function<std::optional<PrefetchCounts>()> prefetch_;
  const std::function<std::optional<TrafficRecorded>()> recorded_;
  const std::function<std::optional<FrameMemoryUse>()> frames_;
  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Histogram& seconds_;
  prometheus::Counter& drafted_;
  prometheus::Counter& draft_accepted_;
  std::array<prometheus::Counter*, frame_tiles> frame_tiles_{};  // by FrameTile
  prometheus::Gauge& in_progress_;
  prometheus::Gauge& waiting_;
  prometheus::Gauge& running_;
  prometheus::Gauge& context_used_;
  prometheus::Gauge& parked_;
  prometheus::Gauge& frame_sources_;
  prometheus::Gauge& frame_bytes_;
  Histograms stages_;
  prometheus::Histogram* old_hash_stage_ = nullptr;  // the stage "hash" under its name before 0.2, until 0.3
};

}  // namespace fovea::serve
