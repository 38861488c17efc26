// The page says in its last chapter what is simulated and what is real code, so that its numbers can be
// believed as far as they go. Nothing on it depends on the machine that made it.
#include "cluster/report/fleet_page.h"

#include <algorithm>
#include <format>
#include <string>
#include <utility>
#include <vector>

#include "cluster/node_weights.h"
#include "cluster/report/fleet_text.h"
#include "cluster/report/outcome_tables.h"

namespace fovea {

namespace {

constexpr std::uint32_t listed_nodes_max = 3;  // of a class, in the lines for HAProxy

Estimate exactly(double value) { return {value, value, value}; }

void add(Page& page, Table table) {
  if (!table.rows.empty()) page.blocks.emplace_back(std::move(table));
}

std::vector<std::string> names_of(const FleetStudy& study) {
  std::vector<std::string> names;
  for (const StudiedWay& studied : study.ways) names.push_back(studied.way.name);
  return names;
}

Figure times_figure(const FleetStudy& study) {
  BarFigure bars{
      .title = study.fleet.name + ": time to the answer", .y_label = "ms", .groups = names_of(study), .series = {}};
  BarFigure::Series mean{"mean", {}}, p95{"p95", {}};
  for (const StudiedWay& studied : study.ways) {
    mean.values.push_back(exactly(studied.outcome.times.mean_ms));
    p95.values.push_back(exactly(studied.outcome.times.p95_ms));
  }
  bars.series = {std::move(mean), std::move(p95)};
  return {.name = study.fleet.name + "-times",
          .caption = "Milliseconds to the answer, mean and 95th percentile.",
          .what = std::move(bars)};
}

Figure found_figure(const FleetStudy& study) {
  BarFigure bars{.title = study.fleet.name + ": what requests found",
                 .y_label = "% of requests",
                 .groups = names_of(study),
                 .series = {},
                 .stacked = true};
  for (std::size_t way = 0; way < ways; ++way) {
    BarFigure::Series series{std::string(found_text(static_cast<Way>(way))), {}};
    bool any = false;
    for (const StudiedWay& studied : study.ways) {
      const std::uint64_t count = studied.outcome.by_way[way].count;
      any = any || count > 0;
      series.values.push_back(exactly(100 * studied.outcome.share(count)));
    }
    if (any) bars.series.push_back(std::move(series));
  }
  return {
      .name = study.fleet.name + "-found", .caption = "Requests by the most that they found.", .what = std::move(bars)};
}

Figure bytes_figure(const FleetStudy& study) {
  constexpr double gib = 1024.0 * 1024 * 1024;
  BarFigure bars{.title = study.fleet.name + ": bytes of the shared tier",
                 .y_label = "GiB",
                 .groups = names_of(study),
                 .series = {}};
  BarFigure::Series fetched{"fetched", {}}, written{"written", {}};
  for (const StudiedWay& studied : study.ways) {
    fetched.values.push_back(exactly(studied.outcome.shared.fetched_bytes / gib));
    written.values.push_back(exactly(studied.outcome.shared.written_bytes / gib));
  }
  bars.series = {std::move(fetched), std::move(written)};
  return {.name = study.fleet.name + "-bytes",
          .caption = "Bytes that nodes fetched from the shared tier and wrote to it.",
          .what = std::move(bars)};
}

// A fleet's way over the time, in pieces of at least a second, so many that a curve can be seen.
template <typename Value>
LineFigure::Series over_time(const std::vector<FleetSecond>& seconds, std::string name, Value value) {
  constexpr std::size_t points_max = 240;
  const std::size_t piece = std::max<std::size_t>(1, (seconds.size() + points_max - 1) / points_max);
  LineFigure::Series series{.name = std::move(name), .points = {}};
  for (std::size_t begin = 0; begin < seconds.size(); begin += piece) {
    FleetSecond sum;
    double ms = 0;
    for (std::size_t i = begin; i < std::min(begin + piece, seconds.size()); ++i) {
      sum.requests += seconds[i].requests;
      sum.failed += seconds[i].failed;
      sum.from_memory += seconds[i].from_memory;
      ms += seconds[i].mean_ms * static_cast<double>(seconds[i].requests - seconds[i].failed);
    }
    const std::uint64_t answered = sum.requests - sum.failed;
    if (answered == 0) continue;  // a gap
    series.points.push_back(
        {static_cast<double>(begin), exactly(value(sum, ms / static_cast<double>(answered), answered))});
  }
  return series;
}

void add_events(Page& page, const FleetStudy& study) {
  const StudiedWay& studied = study.ways.back();
  Table table = events_table(studied);
  if (table.rows.empty()) return;
  const std::string& name = study.fleet.name;
  page.blocks.emplace_back(Heading{3, name + ": what happened"});
  page.blocks.emplace_back(std::move(table));
  LineFigure memory{.title = name + ": found in memory", .x_label = "s", .y_label = "% of requests", .series = {}};
  LineFigure times{.title = name + ": time to the answer", .x_label = "s", .y_label = "ms", .series = {}};
  for (const StudiedWay& each : study.ways) {
    memory.series.push_back(
        over_time(each.outcome.seconds, each.way.name, [](const FleetSecond& sum, double, std::uint64_t answered) {
          return 100 * static_cast<double>(sum.from_memory) / static_cast<double>(answered);
        }));
    times.series.push_back(over_time(each.outcome.seconds, each.way.name,
                                     [](const FleetSecond&, double mean_ms, std::uint64_t) { return mean_ms; }));
  }
  page.blocks.emplace_back(Figure{.name = name + "-memory-over-time",
                                  .caption =
                                      "The share of requests whose answer, prefix or embeddings lay in the memory "
                                      "of their node.",
                                  .what = std::move(memory)});
  page.blocks.emplace_back(Figure{.name = name + "-times-over-time",
                                  .caption = "Mean time to the answer of the requests that were answered then.",
                                  .what = std::move(times)});
}

void add_chapter(Page& page, const FleetStudy& study) {
  const Fleet& fleet = study.fleet;
  page.blocks.emplace_back(Heading{2, "Fleet: " + fleet.name});
  if (!fleet.about.empty()) page.blocks.emplace_back(Paragraph{fleet.about});
  page.blocks.emplace_back(Paragraph{fleet_line(fleet) + "."});
  add(page, classes_table(fleet));
  if (study.ways.size() > 1) {
    Bullets about;
    for (const StudiedWay& studied : study.ways)
      about.items.push_back(std::format("{}: {}", studied.way.name, studied.way.about));
    page.blocks.emplace_back(std::move(about));
  }
  add(page, ways_table(study));
  if (study.ways.size() > 1) {
    page.blocks.emplace_back(times_figure(study));
    page.blocks.emplace_back(found_figure(study));
    if (fleet.shared) page.blocks.emplace_back(bytes_figure(study));
    page.blocks.emplace_back(Heading{3, std::format("{}: {}", fleet.name, study.ways.back().way.name)});
  }
  const StudiedWay& itself = study.ways.back();
  add(page, found_table(itself));
  add(page, levels_table(itself));
  add(page, busy_table(itself));
  add(page, traffic_table(itself));
  add_events(page, study);
  if (const std::string advice = weights_advice(fleet); !advice.empty()) {
    page.blocks.emplace_back(Heading{3, fleet.name + ": the balancer's weights"});
    page.blocks.emplace_back(
        Paragraph{"By the requests of this load that each class can do in a second, as its profile says. In place of "
                  "the servers in "
                  "deploy/haproxy/haproxy.cfg:"});
    page.blocks.emplace_back(Listing{advice});
  }
}

void add_method(Page& page) {
  page.blocks.emplace_back(Heading{2, "What is simulated"});
  page.blocks.emplace_back(
      Bullets{{"Real code, on a virtual clock: eviction policies, breakers, what is learnt of each tier's times, "
               "whether to fetch, to "
               "wait, to lease and to write, prefetch.",
               "Simulated: time, networks (SimGrid), the balancer's hashing, Valkey, requests. Values are sizes; "
               "nothing is computed.",
               "Times of a node's work come from its device's profile, as fovea profile writes them.",
               "One fleet with one seed has one outcome. docs/simulate.md says what that leaves out, and how it "
               "compares with real "
               "servers."}});
}

}  // namespace

std::string weights_advice(const Fleet& fleet) {
  const auto weights = weights_by_speed(fleet);
  if (std::ranges::adjacent_find(weights, std::ranges::not_equal_to{}) == weights.end()) return {};
  return haproxy_lines(fleet, listed_nodes_max);
}

Page fleet_page(std::span<const FleetStudy> studies, const std::string& title) {
  Page page{.title = title, .blocks = {}};
  for (const FleetStudy& study : studies) add_chapter(page, study);
  add_method(page);
  return page;
}

}  // namespace fovea
