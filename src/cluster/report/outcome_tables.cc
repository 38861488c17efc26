// Numbers are made into texts here, once, so that a terminal and a page show the same. Times are
// milliseconds; shares are of answered requests.
#include "cluster/report/outcome_tables.h"

#include <algorithm>
#include <cmath>
#include <format>
#include <utility>
#include <vector>

#include "base/units.h"
#include "cluster/report/event_effect.h"
#include "cluster/report/fleet_text.h"
#include "report/number_text.h"

namespace fovea {

namespace {

std::string link_text(const FleetLink& link) {
  return std::format("{} Mbit/s, {} ms", number_text(link.bytes_per_ms / 125), number_text(link.latency_ms));
}

std::string share_of(std::uint64_t part, std::uint64_t all) {
  return all == 0 ? "-" : share_text(static_cast<double>(part) / static_cast<double>(all));
}

// Hits among look-ups, and why others were not made.
std::string hits_text(const LookUps& of) {
  if (of.lookups + of.skipped + of.failed == 0) return "-";
  std::string text = std::format("{} of {}", share_of(of.hits, of.lookups), count_text(of.lookups));
  if (of.skipped > 0) text += std::format(", {} not asked", count_text(of.skipped));
  if (of.failed > 0) text += std::format(", {} failed", count_text(of.failed));
  return text;
}

double sum_of(const std::vector<LinkBytes>& links) {
  double sum = 0;
  for (const LinkBytes& link : links) sum += link.in + link.out;
  return sum;
}

double busiest_of(const std::vector<LinkBytes>& links) {
  double most = 0;
  for (const LinkBytes& link : links) most = std::max(most, link.in + link.out);
  return most;
}

template <typename Text>
std::vector<std::string> course_row(const char* what, const Course& course, Text text) {
  return {"",
          "",
          "",
          what,
          text(course.before),
          text(course.during),
          text(course.worst),
          course.back_after_s ? number_text(*course.back_after_s) : "not yet",
          ""};
}

std::vector<std::string> event_row(const Fleet& fleet, const FleetEvent& event) {
  return {event_text(fleet, event),
          number_text(event.at_s),
          std::isinf(event.until_s) ? "-" : number_text(event.until_s),
          "",
          "",
          "",
          "",
          "",
          ""};
}

// Why nothing can be said of an event.
std::string silence_about(const FleetEvent& event, const FleetOutcome& outcome) {
  return event.at_s < outcome.virtual_seconds ? "not in the first two hours" : "after the load's end";
}

}  // namespace

Table classes_table(const Fleet& fleet) {
  Table table{.name = fleet.name + "-nodes",
              .caption = "The classes of nodes. Parallel: answers that are decoded side by side.",
              .head = {"class", "device", "model", "nodes", "parallel", "memory", "policy", "disk", "link", "rack"},
              .rows = {}};
  for (const NodeClass& of : fleet.classes)
    table.rows.push_back({of.name, of.device, of.times.name, count_text(of.count), count_text(of.parallel),
                          format_bytes(of.memory_bytes), std::string(to_string(of.policy)),
                          of.disk_bytes == 0 ? "-" : format_bytes(of.disk_bytes), link_text(of.link),
                          of.rack.empty() ? "-" : of.rack});
  return table;
}

Table ways_table(const FleetStudy& study) {
  Table table{.name = study.fleet.name + "-ways",
              .caption =
                  "Milliseconds from the balancer's first byte to the answer. In memory: the answer, the prefix or the "
                  "embeddings lay in the memory of the node that was asked.",
              .head = {"way", "mean ms", "p50", "p95", "p99", "faster", "in memory", "encoded", "fetched", "failed"},
              .rows = {}};
  const double first_ms = study.ways.front().outcome.times.mean_ms;
  for (const StudiedWay& studied : study.ways) {
    const FleetOutcome& o = studied.outcome;
    const bool is_first = &studied == &study.ways.front();
    table.rows.push_back(
        {studied.way.name, number_text(o.times.mean_ms), number_text(o.times.p50_ms), number_text(o.times.p95_ms),
         number_text(o.times.p99_ms),
         is_first || o.times.mean_ms <= 0 ? "" : std::format("{}x", number_text(first_ms / o.times.mean_ms)),
         share_text(o.share(o.from_memory)), count_text(o.encodes), bytes_text(o.shared.fetched_bytes),
         count_text(o.failed)});
  }
  return table;
}

Table found_table(const StudiedWay& studied) {
  const FleetOutcome& outcome = studied.outcome;
  Table table{.name = studied.way.fleet.name + "-found",
              .caption = "Requests by the most that they found.",
              .head = {"found", "requests", "share", "mean ms", "p50", "p95", "p99"},
              .rows = {}};
  for (std::size_t way = 0; way < ways; ++way) {
    const TimesOf& times = outcome.by_way[way];
    if (times.count == 0) continue;
    table.rows.push_back({std::string(found_text(static_cast<Way>(way))), count_text(times.count),
                          share_text(outcome.share(times.count)), number_text(times.mean_ms), number_text(times.p50_ms),
                          number_text(times.p95_ms), number_text(times.p99_ms)});
  }
  return table;
}

Table levels_table(const StudiedWay& studied) {
  const FleetOutcome& outcome = studied.outcome;
  Table table{
      .name = studied.way.fleet.name + "-levels",
      .caption =
          "Hits among the look-ups that were made. Not asked: the tier would have taken longer than computing, or "
          "had failed before.",
      .head = {"level", "memory", "disk", "shared tier"},
      .rows = {}};
  const auto add = [&](const char* level, const LevelOutcomes& of) {
    table.rows.push_back({level, hits_text(of.memory), hits_text(of.disk), hits_text(of.shared)});
  };
  add("response", outcome.response);
  add("prefix", outcome.prefix);
  add("embedding", outcome.embedding);
  return table;
}

Table busy_table(const StudiedWay& studied) {
  Table table{
      .name = studied.way.fleet.name + "-busy",
      .caption =
          "By class of nodes. Busy: the share of the time, mean over its nodes. Busiest: the share of all requests "
          "that one of its nodes got.",
      .head = {"class", "requests", "in memory", "encodes", "encoder busy", "decoder busy", "busiest", "mean ms",
               "p95"},
      .rows = {}};
  for (const ClassOutcome& of : studied.outcome.classes)
    table.rows.push_back({of.name, count_text(of.requests), share_of(of.from_memory, of.requests),
                          count_text(of.encodes), share_text(of.encoder_busy), share_text(of.decoder_busy),
                          share_text(of.busiest_share), number_text(of.times.mean_ms), number_text(of.times.p95_ms)});
  return table;
}

Table traffic_table(const StudiedWay& studied) {
  const FleetOutcome& o = studied.outcome;
  Table table{.name = studied.way.fleet.name + "-traffic",
              .caption = "Bytes over the links, and what else was counted.",
              .head = {"what", "how much"},
              .rows = {}};
  const auto add = [&](const char* what, std::string text) { table.rows.push_back({what, std::move(text)}); };
  add("requests and answers, between the balancer and nodes", bytes_text(o.client_bytes_in + o.client_bytes_out));
  if (studied.way.fleet.shared) {
    add("fetched from the shared tier",
        std::format("{} in {} values", bytes_text(o.shared.fetched_bytes), count_text(o.shared.fetched)));
    add("written to the shared tier",
        std::format("{} in {} values", bytes_text(o.shared.written_bytes), count_text(o.shared.written)));
    if (o.shared.cancelled_bytes > 0) add("of values that came too late", bytes_text(o.shared.cancelled_bytes));
    if (o.shared.evicted > 0) add("values that it evicted", count_text(o.shared.evicted));
    add("over the links of all shards, of the busiest one",
        std::format("{}, {}", bytes_text(sum_of(o.shard_links)), bytes_text(busiest_of(o.shard_links))));
  }
  add("over the link of the busiest node", bytes_text(busiest_of(o.node_links)));
  add("pictures encoded, and of these again",
      std::format("{}, {}", count_text(o.encodes), count_text(o.repeated_encodes)));
  add("requests that took an equal one's answer", count_text(o.joined));
  if (o.noisy_times.count > 0)
    add("requests of noisy tenants, their mean ms",
        std::format("{}, {}", count_text(o.noisy_times.count), number_text(o.noisy_times.mean_ms)));
  if (o.noisy_failed > 0) add("requests of noisy tenants that failed", count_text(o.noisy_failed));
  if (o.leases_waited > 0) add("pictures that another node was encoding", count_text(o.leases_waited));
  if (o.breakers_opened > 0) add("breakers that opened", count_text(o.breakers_opened));
  if (o.resent > 0) add("requests that were sent to a second node", count_text(o.resent));
  for (std::size_t i = 0; i < fleet_failures; ++i) {
    if (o.failures[i] > 0)
      table.rows.push_back(
          {std::format("failed: {}", to_string(static_cast<FleetFailure>(i))), count_text(o.failures[i])});
  }
  const PrefetchOutcome& p = o.prefetch;
  if (p.issued > 0)
    add("prefetched; of these used, late, wasted",
        std::format("{} ({}); {}, {}, {}", count_text(p.issued), bytes_text(p.bytes), share_of(p.used, p.issued),
                    share_of(p.late, p.issued), share_of(p.wasted, p.issued)));
  return table;
}

Table events_table(const StudiedWay& studied) {
  const Fleet& fleet = studied.way.fleet;
  Table table{
      .name = fleet.name + "-events",
      .caption =
          "Before: up to a minute. During: until the event was over, or a minute where it is for good. Worst: ten "
          "seconds since the event. Back: seconds from the event until ten seconds together are within two points "
          "of before (or three standard errors), times within a quarter. Found: not encoded.",
      .head = {"event", "at s", "until s", "", "before", "during", "worst", "back after s", "failed"},
      .rows = {}};
  const double seconds = static_cast<double>(studied.outcome.seconds.size());
  for (const FleetEvent& event : fleet.events) {
    if (event.at_s < seconds) continue;
    table.rows.push_back(event_row(fleet, event));
    table.rows.back()[3] = silence_about(event, studied.outcome);
  }
  for (const EventEffect& effect : event_effects(fleet, studied.outcome)) {
    std::vector<std::string> first = course_row("in memory", effect.from_memory, share_text);
    std::ranges::copy_n(event_row(fleet, effect.event).begin(), 3, first.begin());
    first.back() = count_text(effect.failed);
    table.rows.push_back(std::move(first));
    table.rows.push_back(course_row("found", effect.found, share_text));
    table.rows.push_back(course_row("mean ms", effect.mean_ms, number_text));
  }
  return table;
}

}  // namespace fovea
