// A study with numbers that were made up, for tests of what is said about one.
#pragma once

#include <string>

#include "cluster/fleet_study.h"
#include "profile/example_profile.h"

namespace fovea::test {

inline Fleet example_fleet() {
  Fleet fleet;
  fleet.name = "example";
  fleet.about = "Two boxes.";
  fleet.classes = {{.name = "box", .device = "example", .times = example_model(), .count = 2, .rack = "left"}};
  fleet.shared = SharedTier{};
  fleet.load.workload = {.name = "asked", .requests = 1200, .images = 10};
  fleet.load.clients = 4;
  return fleet;
}

inline TimesOf example_times(std::uint64_t count, double mean_ms) {
  return {.count = count, .mean_ms = mean_ms, .p50_ms = mean_ms / 2, .p95_ms = mean_ms * 2, .p99_ms = mean_ms * 3};
}

inline FleetOutcome example_outcome(double mean_ms) {
  FleetOutcome outcome{.requests = 1200, .answered = 1190, .failed = 10};
  outcome.failures[static_cast<std::size_t>(FleetFailure::node_died)] = 10;
  outcome.resent = 3;
  outcome.times = example_times(1190, mean_ms);
  outcome.by_way[static_cast<std::size_t>(Way::response)] = example_times(595, 2);
  outcome.by_way[static_cast<std::size_t>(Way::encoded)] = example_times(595, 4000);
  outcome.response.memory = {.lookups = 1200, .hits = 600};
  outcome.response.shared = {.lookups = 400, .hits = 100, .skipped = 200, .failed = 5};
  outcome.encodes = 595;
  outcome.from_memory = 500;
  outcome.node_links = {{1000, 2000}, {3000, 4000}};
  outcome.shard_links = {{500, 600}};
  outcome.shared = {.fetched_bytes = 3 << 20, .written_bytes = 1 << 20, .fetched = 100, .written = 50};
  outcome.prefetch = {.issued = 100, .used = 80, .late = 5, .wasted = 15, .bytes = 1 << 20};
  outcome.classes = {{.name = "box",
                      .requests = 1190,
                      .from_memory = 500,
                      .encodes = 595,
                      .encoder_busy = 0.5,
                      .decoder_busy = 0.25,
                      .busiest_share = 0.6,
                      .times = example_times(1190, mean_ms)}};
  for (int second = 0; second < 120; ++second)
    outcome.seconds.push_back({.requests = 10, .failed = 0, .from_memory = 8, .encoded = 1, .mean_ms = 100});
  outcome.virtual_seconds = 120;
  outcome.wall_seconds = 0.5;
  return outcome;
}

// One way, or two.
inline FleetStudy example_study(bool compared = false) {
  const Fleet fleet = example_fleet();
  FleetStudy study{.fleet = fleet, .compared = compared ? Compared::sharing : Compared::nothing, .ways = {}};
  if (compared) study.ways.push_back({{"nothing shared", "alone", fleet}, example_outcome(3000)});
  study.ways.push_back({{"hash, shared tier", "as it is", fleet}, example_outcome(1500)});
  return study;
}

}  // namespace fovea::test
