#include "serve/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace fovea::serve {
namespace {

using testing::HasSubstr;

LevelsStats no_levels() { return {}; }

TEST(Metrics, TellWhatTheLevelsDid) {
  LevelStats response{
      .hits = 3, .insertions = 5, .saved_ms = 1500, .entries = 4, .bytes = 100, .bytes_max = 1000, .in_use_bytes = 9};
  response.misses_by[static_cast<std::size_t>(MissReason::expired)] = 2;
  response.bypasses_by[static_cast<std::size_t>(BypassReason::too_large)] = 6;
  response.evictions_by[static_cast<std::size_t>(EvictionReason::capacity)] = 7;
  const std::string page = Metrics([&] { return LevelsStats{{"response", response}, {"embedding", {}}}; }).page();
  for (const char* line : {
           "# TYPE fovea_cache_hits_total counter\n",
           "\nfovea_cache_hits_total{level=\"response\"} 3\n",
           "\nfovea_cache_hits_total{level=\"embedding\"} 0\n",
           "\nfovea_cache_misses_total{level=\"response\",reason=\"expired\"} 2\n",
           "\nfovea_cache_misses_total{level=\"response\",reason=\"never_seen\"} 0\n",
           "\nfovea_cache_insertions_total{level=\"response\"} 5\n",
           "\nfovea_cache_bypasses_total{level=\"response\",reason=\"too_large\"} 6\n",
           "\nfovea_cache_evictions_total{level=\"response\",reason=\"capacity\"} 7\n",
           "\nfovea_cache_saved_seconds_total{level=\"response\"} 1.5\n",
           "# TYPE fovea_cache_bytes gauge\n",
           "\nfovea_cache_entries{level=\"response\"} 4\n",
           "\nfovea_cache_bytes{level=\"response\"} 100\n",
           "\nfovea_cache_bytes_max{level=\"response\"} 1000\n",
           "\nfovea_cache_in_use_bytes{level=\"response\"} 9\n",
       })
    EXPECT_THAT(page, HasSubstr(line));
}

TEST(Metrics, AskTheLevelsEachTime) {
  std::uint64_t hits = 0;
  const Metrics metrics([&] { return LevelsStats{{"response", {.hits = ++hits}}}; });
  EXPECT_THAT(metrics.page(), HasSubstr("fovea_cache_hits_total{level=\"response\"} 1\n"));
  EXPECT_THAT(metrics.page(), HasSubstr("fovea_cache_hits_total{level=\"response\"} 2\n"));
}

TEST(Metrics, TellHowManyBytesAreParked) {
  const Metrics metrics(
      no_levels, [] { return ServerLoad{}; }, [] { return std::vector<TierStats>(); },
      [] { return std::uint64_t{4096}; });
  EXPECT_THAT(metrics.page(), HasSubstr("# TYPE fovea_parked_state_bytes gauge\nfovea_parked_state_bytes 4096\n"));
}

TEST(Metrics, CountRequestsByWhatCameOfThem) {
  Metrics metrics(no_levels);
  metrics.count({.response = Outcome::hit});
  metrics.count({.response = Outcome::hit});
  metrics.count({.response = Outcome::miss});
  metrics.count_refusal(429);
  const std::string page = metrics.page();
  EXPECT_THAT(page, HasSubstr("fovea_requests_total{response=\"hit\",status=\"200\"} 2\n"));
  EXPECT_THAT(page, HasSubstr("fovea_requests_total{response=\"miss\",status=\"200\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("fovea_requests_total{response=\"none\",status=\"429\"} 1\n"));
}

TEST(Metrics, MeasureRequestsAndTheStagesThatHappened) {
  Metrics metrics(no_levels);
  metrics.count({.times = {.encode_ms = 2000, .total_ms = 2500}});
  metrics.count({.times = {.total_ms = 500}});
  metrics.count_refusal(400);
  const std::string page = metrics.page();
  EXPECT_THAT(page, HasSubstr("fovea_request_seconds_count 2\n"));
  EXPECT_THAT(page, HasSubstr("fovea_request_seconds_sum 3\n"));
  EXPECT_THAT(page, HasSubstr("fovea_request_seconds_bucket{le=\"0.5\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("fovea_request_seconds_bucket{le=\"+Inf\"} 2\n"));
  EXPECT_THAT(page, HasSubstr("fovea_stage_seconds_count{stage=\"encode\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("fovea_stage_seconds_sum{stage=\"encode\"} 2\n"));
  EXPECT_THAT(page, HasSubstr("fovea_stage_seconds_count{stage=\"total\"} 2\n"));
  EXPECT_THAT(page, HasSubstr("fovea_stage_seconds_count{stage=\"decode\"} 0\n"));
}

TEST(Metrics, HaveTheStageHashUnderItsOldNameToo) {
  Metrics metrics(no_levels);
  metrics.count({.times = {.hash_ms = 1000}});
  const std::string page = metrics.page();
  EXPECT_THAT(page, HasSubstr("fovea_stage_seconds_sum{stage=\"hash\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("fovea_stage_seconds_sum{stage=\"name\"} 1\n"));
}

TEST(Metrics, SayHowManyRequestsWaitAndRun) {
  const std::string page =
      Metrics(no_levels, [] { return ServerLoad{.in_progress = 5, .running = 2, .context_used = 0.25}; }).page();
  EXPECT_THAT(page, HasSubstr("\nfovea_requests_in_progress 5\n"));
  EXPECT_THAT(page, HasSubstr("\nfovea_requests_waiting 3\n"));
  EXPECT_THAT(page, HasSubstr("\nfovea_requests_running 2\n"));
  EXPECT_THAT(page, HasSubstr("# TYPE fovea_kv_cache_usage_ratio gauge\nfovea_kv_cache_usage_ratio 0.25\n"));
}

TEST(Metrics, SayWhichVersionRuns) { EXPECT_THAT(Metrics(no_levels).page(), HasSubstr("fovea_build_info{version=\"")); }

TEST(Metrics, CountComparedTilesByWhatCameOfThem) {
  Metrics metrics(no_levels);
  FramesReport frames;
  for (const FrameTile tile : all_frame_tiles)
    frames.tiles_by[static_cast<std::size_t>(tile)] = static_cast<std::uint32_t>(tile) + 1;
  metrics.count({.frames = frames});
  metrics.count({.frames = frames});
  metrics.count({});
  const std::string page = metrics.page();
  EXPECT_THAT(page, HasSubstr("\nfovea_frame_tiles_total{outcome=\"near\"} 2\n"));
  EXPECT_THAT(page, HasSubstr("\nfovea_frame_tiles_total{outcome=\"exact\",reason=\"same\"} 4\n"));
  EXPECT_THAT(page, HasSubstr("\nfovea_frame_tiles_total{outcome=\"exact\",reason=\"learning\"} 10\n"));
  EXPECT_THAT(page, HasSubstr("\nfovea_frame_tiles_total{outcome=\"exact\",reason=\"unreadable\"} 26\n"));
}

TEST(Metrics, SayWhatFramesAreComparedWith) {
  const std::optional<FrameMemoryUse> use = FrameMemoryUse{.sources = 3, .bytes = 500};
  const auto none = [](auto value) { return [value] { return value; }; };
  const std::string page =
      Metrics(no_levels, none(ServerLoad{}), none(std::vector<TierStats>()), none(std::uint64_t{0}),
              none(std::optional<PrefetchCounts>()), none(std::optional<TrafficRecorded>()), none(use))
          .page();
  EXPECT_THAT(page, HasSubstr("\nfovea_frame_sources 3\n"));
  EXPECT_THAT(page, HasSubstr("\nfovea_frame_memory_bytes 500\n"));
  EXPECT_THAT(Metrics(no_levels).page(), HasSubstr("\nfovea_frame_sources 0\n"));
}

TEST(Metrics, CountDraftedTokens) {
  Metrics metrics(no_levels);
  metrics.count({.drafts = {5, 3}});
  metrics.count({.drafts = {2, 2}});
  const std::string page = metrics.page();
  EXPECT_THAT(page, HasSubstr("\nfovea_draft_tokens_total 7\n"));
  EXPECT_THAT(page, HasSubstr("\nfovea_draft_tokens_accepted_total 5\n"));
}

}  // namespace
}  // namespace fovea::serve
