// The document's structs are its own, so that a field of FleetOutcome may be renamed without anybody's script
// noticing, and in a namespace of their own, since other documents have a Level too. What is counted by an
// enumeration is an object with its names as fields.
#include "app/output/simulate_json.h"

#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "app/output/json_line.h"
#include "cluster/fleet_names.h"
#include "cluster/node_weights.h"
#include "cluster/report/event_effect.h"

namespace fovea::app {

namespace simulation_json {

struct Times {
  std::uint64_t count;
  double mean_ms, p50_ms, p95_ms, p99_ms;
};

struct LookUps {
  std::uint64_t lookups, hits, skipped, failed;
};

struct Level {
  LookUps memory, disk, shared;
};

struct Levels {
  Level response, prefix, embedding;
};

struct Link {
  std::string name;
  double bytes_in, bytes_out;
};

struct Shared {
  double fetched_bytes, written_bytes, cancelled_bytes;
  std::uint64_t fetched, written, evicted;
};

struct Prefetch {
  std::uint64_t issued, used, late, wasted;
  double bytes;
};

struct NodeClass {
  std::string name, device;
  std::uint32_t nodes, weight;
  std::uint64_t requests, from_memory, encodes;
  double encoder_busy, decoder_busy, busiest_share;
  Times times;
};

struct Second {
  std::uint64_t requests, failed, from_memory, encoded;
  double mean_ms, fetched_bytes;
};

struct Course {
  double before, during, worst;
  std::optional<double> back_after_s;
};

struct Event {
  std::string kind;
  double at_s;
  std::optional<double> until_s;
  std::uint64_t requests, failed;
  Course from_memory, found, mean_ms;
};

struct Way {
  std::string name, about, routing, fetching;
  std::uint32_t shards;
  std::uint64_t requests, answered, failed, resent, from_memory, encodes, repeated_encodes, joined, leases_waited,
      breakers_opened;
  Times times, noisy_times;
  std::uint64_t noisy_failed;
  std::map<std::string, Times> found;
  std::map<std::string, std::uint64_t> failures;
  Levels levels;
  double client_bytes_in, client_bytes_out;
  Shared shared;
  std::vector<Link> node_links, shard_links;
  Prefetch prefetch;
  std::vector<NodeClass> classes;
  std::vector<Event> events;
  std::vector<Second> seconds;
  double virtual_seconds, wall_seconds;
};

struct Fleet {
  std::string name, about, workload;
  std::uint64_t seed;
  std::uint32_t nodes;
  std::vector<Way> ways;
};

struct Simulation {
  std::vector<Fleet> fleets;
};

}  // namespace simulation_json

namespace {

simulation_json::Times times_of(const TimesOf& of) { return {of.count, of.mean_ms, of.p50_ms, of.p95_ms, of.p99_ms}; }

simulation_json::Level level_of(const LevelOutcomes& of) {
  const auto place = [](const LookUps& at) {
    return simulation_json::LookUps{at.lookups, at.hits, at.skipped, at.failed};
  };
  return {place(of.memory), place(of.disk), place(of.shared)};
}

simulation_json::Course course_of(const Course& of) { return {of.before, of.during, of.worst, of.back_after_s}; }

std::vector<simulation_json::Link> node_links(const Fleet& fleet, const FleetOutcome& outcome) {
  std::vector<simulation_json::Link> links;
  for (std::uint32_t node = 0; node < outcome.node_links.size(); ++node)
    links.push_back({node_name(fleet, node), outcome.node_links[node].in, outcome.node_links[node].out});
  return links;
}

std::vector<simulation_json::Link> shard_links(const FleetOutcome& outcome) {
  std::vector<simulation_json::Link> links;
  for (const LinkBytes& link : outcome.shard_links)
    links.push_back({std::to_string(links.size() + 1), link.in, link.out});
  return links;
}

std::vector<simulation_json::NodeClass> classes_of(const Fleet& fleet, const FleetOutcome& outcome) {
  const auto weights = class_weights(fleet);
  std::vector<simulation_json::NodeClass> classes;
  for (std::size_t i = 0; i < outcome.classes.size(); ++i) {
    const ClassOutcome& of = outcome.classes[i];
    classes.push_back({of.name, fleet.classes[i].device, fleet.classes[i].count, weights[i], of.requests,
                       of.from_memory, of.encodes, of.encoder_busy, of.decoder_busy, of.busiest_share,
                       times_of(of.times)});
  }
  return classes;
}

std::vector<simulation_json::Event> events_of(const Fleet& fleet, const FleetOutcome& outcome) {
  std::vector<simulation_json::Event> events;
  for (const EventEffect& of : event_effects(fleet, outcome)) {
    const double until_s = of.event.until_s;
    events.push_back({std::string(to_string(of.event.kind)), of.event.at_s,
                      std::isinf(until_s) ? std::nullopt : std::optional(until_s), of.requests, of.failed,
                      course_of(of.from_memory), course_of(of.found), course_of(of.mean_ms)});
  }
  return events;
}

simulation_json::Way way_of(const StudiedWay& studied) {
  const Fleet& fleet = studied.way.fleet;
  const FleetOutcome& o = studied.outcome;
  simulation_json::Way way{
      .name = studied.way.name,
      .about = studied.way.about,
      .routing = std::string(to_string(fleet.routing)),
      .fetching = std::string(to_string(fleet.fetching)),
      .shards = fleet.shared ? fleet.shared->shards : 0,
      .requests = o.requests,
      .answered = o.answered,
      .failed = o.failed,
      .resent = o.resent,
      .from_memory = o.from_memory,
      .encodes = o.encodes,
      .repeated_encodes = o.repeated_encodes,
      .joined = o.joined,
      .leases_waited = o.leases_waited,
      .breakers_opened = o.breakers_opened,
      .times = times_of(o.times),
      .noisy_times = times_of(o.noisy_times),
      .noisy_failed = o.noisy_failed,
      .found = {},
      .failures = {},
      .levels = {level_of(o.response), level_of(o.prefix), level_of(o.embedding)},
      .client_bytes_in = o.client_bytes_in,
      .client_bytes_out = o.client_bytes_out,
      .shared = {o.shared.fetched_bytes, o.shared.written_bytes, o.shared.cancelled_bytes, o.shared.fetched,
                 o.shared.written, o.shared.evicted},
      .node_links = node_links(fleet, o),
      .shard_links = shard_links(o),
      .prefetch = {o.prefetch.issued, o.prefetch.used, o.prefetch.late, o.prefetch.wasted, o.prefetch.bytes},
      .classes = classes_of(fleet, o),
      .events = events_of(fleet, o),
      .seconds = {},
      .virtual_seconds = o.virtual_seconds,
      .wall_seconds = o.wall_seconds};
  for (std::size_t i = 0; i < ways; ++i) way.found.emplace(to_string(static_cast<Way>(i)), times_of(o.by_way[i]));
  for (std::size_t i = 0; i < fleet_failures; ++i)
    way.failures.emplace(to_string(static_cast<FleetFailure>(i)), o.failures[i]);
  if (fleet.events.empty()) return way;  // nobody asks when, and a long run has thousands
  for (const FleetSecond& at : o.seconds)
    way.seconds.push_back({at.requests, at.failed, at.from_memory, at.encoded, at.mean_ms, at.fetched_bytes});
  return way;
}

}  // namespace

std::string simulate_json(std::span<const FleetStudy> studies) {
  simulation_json::Simulation document;
  for (const FleetStudy& study : studies) {
    const FleetLoad& load = study.fleet.load;
    simulation_json::Fleet fleet{study.fleet.name, study.fleet.about,   load.workload.name,
                                 load.seed,        study.fleet.nodes(), {}};
    for (const StudiedWay& studied : study.ways) fleet.ways.push_back(way_of(studied));
    document.fleets.push_back(std::move(fleet));
  }
  return json_line(document) + "\n";
}

}  // namespace fovea::app
