// Two kinds of metrics make the page: prometheus-cpp's own objects for requests and stages, and families that
// are filled from the levels' statistics each time, since the levels count for themselves.
#include "serve/metrics.h"

#include <prometheus/text_serializer.h>

#include "fovea/version.h"
#include "serve/audit_families.h"
#include "serve/prefetch_families.h"
#include "serve/tier_families.h"

namespace fovea::serve {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

// From a stored answer (a fraction of a millisecond) to the first request about a large image on a small
// machine (minutes).
const prometheus::Histogram::BucketBoundaries seconds_buckets = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                                 0.25,   0.5,   1,      2.5,   5,    10,    30,   120};

// The statistics of the levels as metric families.
class LevelFamilies {
 public:
  explicit LevelFamilies(LevelsStats levels) : levels_(std::move(levels)) {}

  std::vector<MetricFamily> all() {
    counter("fovea_cache_hits_total", "Look-ups that found an entry.",
            [](const LevelStats& s) { return double(s.hits); });
    by_reason("fovea_cache_misses_total", "Look-ups that found none, by reason.", &LevelStats::misses_by,
              [](std::size_t i) { return to_string(static_cast<MissReason>(i)); });
    counter("fovea_cache_insertions_total", "Entries stored.",
            [](const LevelStats& s) { return double(s.insertions); });
    by_reason("fovea_cache_bypasses_total", "Values that were not stored, by reason.", &LevelStats::bypasses_by,
              [](std::size_t i) { return to_string(static_cast<BypassReason>(i)); });
    by_reason("fovea_cache_evictions_total", "Entries removed, by reason.", &LevelStats::evictions_by,
              [](std::size_t i) { return to_string(static_cast<EvictionReason>(i)); });
    counter("fovea_cache_saved_seconds_total",
            "Compute time that hits saved, as measured when their entries were made.",
            [](const LevelStats& s) { return s.saved_ms / 1000; });
    gauge("fovea_cache_entries", "Entries stored now.", [](const LevelStats& s) { return double(s.entries); });
    gauge("fovea_cache_bytes", "Bytes charged to the budget.", [](const LevelStats& s) { return double(s.bytes); });
    gauge("fovea_cache_bytes_max", "The budget.", [](const LevelStats& s) { return double(s.bytes_max); });
    gauge("fovea_cache_in_use_bytes", "Bytes of removed entries that are still being read.",
          [](const LevelStats& s) { return double(s.in_use_bytes); });
    return std::move(families_);
  }

 private:
  template <typename Value>
  void counter(const char* name, const char* help, Value value) {
    MetricFamily& family = families_.emplace_back(MetricFamily{name, help, MetricType::Counter, {}});
    for (const auto& [level, stats] : levels_) {
      ClientMetric& metric = family.metric.emplace_back();
      metric.label = {{"level", level}};
      metric.counter.value = value(stats);
    }
  }

  template <typename Value>
  void gauge(const char* name, const char* help, Value value) {
    MetricFamily& family = families_.emplace_back(MetricFamily{name, help, MetricType::Gauge, {}});
    for (const auto& [level, stats] : levels_) {
      ClientMetric& metric = family.metric.emplace_back();
      metric.label = {{"level", level}};
      metric.gauge.value = value(stats);
    }
  }

  template <std::size_t N, typename Name>
  void by_reason(const char* name, const char* help, std::array<std::uint64_t, N> LevelStats::* counts, Name reason) {
    MetricFamily& family = families_.emplace_back(MetricFamily{name, help, MetricType::Counter, {}});
    for (const auto& [level, stats] : levels_) {
      for (std::size_t i = 0; i < N; ++i) {
        ClientMetric& metric = family.metric.emplace_back();
        metric.label = {{"level", level}, {"reason", std::string(reason(i))}};
        metric.counter.value = static_cast<double>((stats.*counts)[i]);
      }
    }
  }

  const LevelsStats levels_;
  std::vector<MetricFamily> families_;
};

// The label of what became of a tile: near, or exact with why it was not near.
prometheus::Labels labels_of(FrameTile tile) {
  if (tile == FrameTile::near) return {{"outcome", "near"}};
  return {{"outcome", "exact"}, {"reason", std::string(to_string(tile))}};
}

std::array<prometheus::Counter*, frame_tiles> count_frame_tiles(prometheus::Registry& registry) {
  auto& family = prometheus::BuildCounter()
                     .Name("fovea_frame_tiles_total")
                     .Help(
                         "Tiles that were compared with earlier frames of their camera: near ones were taken for "
                         "those, exact ones were not, for a reason.")
                     .Register(registry);
  std::array<prometheus::Counter*, frame_tiles> counters{};
  for (const FrameTile tile : all_frame_tiles) counters[static_cast<std::size_t>(tile)] = &family.Add(labels_of(tile));
  return counters;
}

prometheus::Gauge& gauge(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add({});
}

}  // namespace

Metrics::Metrics(std::function<LevelsStats()> levels, std::function<ServerLoad()> load,
                 std::function<std::vector<TierStats>()> tiers, std::function<std::uint64_t()> parked_bytes,
                 std::function<std::optional<PrefetchCounts>()> prefetch,
                 std::function<std::optional<TrafficRecorded>()> recorded,
                 std::function<std::optional<FrameMemoryUse>()> frames)
    : levels_(std::move(levels)),
      load_(std::move(load)),
      tiers_(std::move(tiers)),
      parked_bytes_(std::move(parked_bytes)),
      prefetch_(std::move(prefetch)),
      recorded_(std::move(recorded)),
      frames_(std::move(frames)),
      requests_(prometheus::BuildCounter()
                    .Name("fovea_requests_total")
                    .Help("Requests for an answer, and all that were refused before a handler saw them, by HTTP status "
                          "and by the outcome at the response level.")
                    .Register(registry_)),
      seconds_(prometheus::BuildHistogram()
                   .Name("fovea_request_seconds")
                   .Help("From a request's last byte to the end of its answer.")
                   .Register(registry_)
                   .Add({}, seconds_buckets)),
      drafted_(prometheus::BuildCounter()
                   .Name("fovea_draft_tokens_total")
                   .Help("Tokens of answers that were guessed ahead.")
                   .Register(registry_)
                   .Add({})),
      draft_accepted_(prometheus::BuildCounter()
                          .Name("fovea_draft_tokens_accepted_total")
                          .Help("Tokens that were guessed ahead and turned out to be the answer's.")
                          .Register(registry_)
                          .Add({})),
      frame_tiles_(count_frame_tiles(registry_)),
      in_progress_(gauge(registry_, "fovea_requests_in_progress", "Requests that are being computed, or wait for it.")),
      waiting_(gauge(registry_, "fovea_requests_waiting",
                     "Requests in progress without a slot of the decoder: their pictures are encoded, or they wait for "
                     "that, for a slot, or for the answer to an equal request.")),
      running_(gauge(registry_, "fovea_requests_running",
                     "Requests in progress in a slot of the decoder; in front of another server, those it was asked.")),
      context_used_(gauge(registry_, "fovea_kv_cache_usage_ratio",
                          "The part of the decoder's context that is reserved for the requests in its slots, from 0 to "
                          "1. What idle sequences hold makes room for them, and is not counted.")),
      parked_(gauge(registry_, "fovea_parked_state_bytes",
                    "Bytes of what the decoder's idle sequences held, in memory outside its context.")),
      frame_sources_(gauge(registry_, "fovea_frame_sources",
                           "Places of tiles in cameras' frames that new frames are compared with; 0 without near "
                           "frames.")),
      frame_bytes_(gauge(registry_, "fovea_frame_memory_bytes",
                         "Bytes of what frames are compared with; --frames-memory bounds it.")) {
  prometheus::BuildGauge()
      .Name("fovea_build_info")
      .Help("The version that runs.")
      .Register(registry_)
      .Add({{"version", FOVEA_VERSION}})
      .Set(1);
  auto& stages = prometheus::BuildHistogram()
                     .Name("fovea_stage_seconds")
                     .Help(
                         "Time of each stage of answered requests, where the stage happened. The stage name is the old "
                         "name of hash, until 0.3.")
                     .Register(registry_);
  for (const auto& [name, unused] : named(StageTimes{}))
    stages_.push_back(&stages.Add({{"stage", name}}, seconds_buckets));
  old_hash_stage_ = &stages.Add({{"stage", "name"}}, seconds_buckets);
}

void Metrics::count(const RequestReport& report) {
  requests_.Add({{"status", "200"}, {"response", std::string(to_string(report.response))}}).Increment();
  seconds_.Observe(report.times.total_ms / 1000);
  const auto times = named(report.times);
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (times[i].second > 0) stages_[i]->Observe(times[i].second / 1000);
  }
  drafted_.Increment(report.drafts.drafted);
  draft_accepted_.Increment(report.drafts.accepted);
  if (report.frames) {
    for (std::size_t i = 0; i < frame_tiles; ++i) frame_tiles_[i]->Increment(report.frames->tiles_by[i]);
  }
  if (report.times.hash_ms > 0) old_hash_stage_->Observe(report.times.hash_ms / 1000);
}

void Metrics::count_refusal(int status) {
  requests_.Add({{"status", std::to_string(status)}, {"response", "none"}}).Increment();
}

std::string Metrics::page() const {
  const ServerLoad load = load_();
  in_progress_.Set(load.in_progress);
  waiting_.Set(load.in_progress - load.running);
  running_.Set(load.running);
  context_used_.Set(load.context_used);
  parked_.Set(static_cast<double>(parked_bytes_()));
  const FrameMemoryUse frames = frames_().value_or(FrameMemoryUse{});
  frame_sources_.Set(static_cast<double>(frames.sources));
  frame_bytes_.Set(static_cast<double>(frames.bytes));
  auto families = registry_.Collect();
  for (MetricFamily& family : LevelFamilies(levels_()).all()) families.push_back(std::move(family));
  for (MetricFamily& family : tier_families(tiers_())) families.push_back(std::move(family));
  for (MetricFamily& family : prefetch_families(prefetch_())) families.push_back(std::move(family));
  for (MetricFamily& family : audit_families(recorded_())) families.push_back(std::move(family));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace fovea::serve
