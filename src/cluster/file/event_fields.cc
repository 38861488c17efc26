// Each kind of event has its own fields. A field that means nothing to a kind is refused: who wrote it
// expects something that would not happen.
#include "cluster/file/event_fields.h"

#include <algorithm>
#include <format>
#include <string>
#include <utility>

#include "cluster/file/field_checks.h"
#include "cluster/fleet_names.h"

namespace fovea::fleet_json {

namespace {

constexpr std::size_t events_max = 64;
constexpr double seconds_max = 1e7;         // four months
constexpr double noisy_requests_max = 1e7;  // of one event: as many take minutes

// The nodes that an event names: one of them, or all of a rack.
Result<std::vector<std::uint32_t>> nodes_of(const Event& event, const Fleet& fleet) {
  std::vector<std::uint32_t> nodes;
  std::uint32_t node = 0;
  for (const NodeClass& of : fleet.classes) {
    for (std::uint32_t i = 1; i <= of.count; ++i, ++node) {
      const bool in_rack = !event.rack.empty() && event.rack == of.rack;
      if (in_rack || std::format("{}-{}", of.name, i) == event.node) nodes.push_back(node);
    }
  }
  if (!nodes.empty() || (event.node.empty() && event.rack.empty())) return nodes;
  if (!event.rack.empty()) return fail(Fault::invalid, std::format("\"rack\": no node is in \"{}\"", event.rack));
  return fail(Fault::invalid,
              std::format("\"node\": there is no \"{}\"; the first node is \"{}\"", event.node, node_name(fleet, 0)));
}

// Which fields a kind of event has besides its times.
const char* complaint_about(const FleetEvent& event, const Event& text) {
  const bool has_node = !text.node.empty(), has_rack = !text.rack.empty(), has_shard = text.shard.has_value();
  const int places = int{has_node} + int{has_rack} + int{has_shard};
  switch (event.kind) {
    case FleetEventKind::node_dies:
      if (!has_node || places > 1) return "needs a \"node\"";
      break;
    case FleetEventKind::rack_restarts:
      if (!has_rack || places > 1) return "needs a \"rack\"";
      break;
    case FleetEventKind::shard_lost:
      if (!has_shard || places > 1) return "needs a \"shard\"";
      break;
    case FleetEventKind::link_cut:
      if (places != 1) return "needs a \"node\", a \"rack\" or a \"shard\"";
      break;
    case FleetEventKind::viral:
    case FleetEventKind::noisy_tenant:
      if (places > 0) return "concerns no node, rack or shard";
      break;
  }
  const bool is_viral = event.kind == FleetEventKind::viral, is_noisy = event.kind == FleetEventKind::noisy_tenant;
  if (is_viral != text.share.has_value() || (is_viral && !(event.share > 0 && event.share <= 1)))
    return "\"share\" is for viral alone, and must be above 0 and at most 1";
  if (is_noisy != text.rate_per_s.has_value() || (is_noisy && !(event.rate_per_s > 0 && event.rate_per_s <= rate_max)))
    return "\"rate_per_s\" is for noisy_tenant alone, and must be above 0 and at most 1,000,000";
  if (is_noisy && !text.until_s) return "needs \"until_s\": requests that never end would never be done";
  if (is_noisy && event.rate_per_s * (event.until_s - event.at_s) > noisy_requests_max)
    return "asks for more than 10,000,000 requests: lower \"rate_per_s\" or \"until_s\"";
  if (!is_noisy && text.images) return "\"images\" is for noisy_tenant alone";
  return nullptr;
}

Result<FleetEvent> event_of(const Event& text, const Fleet& fleet) {
  const auto kind = event_kind_of(text.kind);
  if (!kind) return wrong("\"kind\"", kind.error());
  if (!is_within(text.at_s, 0, seconds_max)) return fail(Fault::invalid, "\"at_s\" must be 0 to 10,000,000");
  if (text.until_s && !(*text.until_s > text.at_s && *text.until_s <= seconds_max))
    return fail(Fault::invalid, "\"until_s\" must be after \"at_s\", and at most 10,000,000");
  FleetEvent event{.kind = *kind, .at_s = text.at_s, .nodes = {}, .shards = {}};
  if (text.until_s) event.until_s = *text.until_s;
  event.share = text.share.value_or(0);
  event.rate_per_s = text.rate_per_s.value_or(0);
  event.images = text.images.value_or(0);
  if (const char* complaint = complaint_about(event, text)) return fail(Fault::invalid, complaint);
  auto nodes = nodes_of(text, fleet);
  if (!nodes) return std::unexpected(nodes.error());
  event.nodes = std::move(*nodes);
  if (text.shard) {
    const std::uint32_t shards = fleet.shared ? fleet.shared->shards : 0;
    if (*text.shard < 1 || *text.shard > shards)
      return fail(Fault::invalid, std::format("\"shard\": there are {}, numbered from 1", shards));
    event.shards = {*text.shard - 1};
  }
  return event;
}

// When what an event did to a node or a shard is undone: a node that died loads its model first.
double undone_s(const FleetEvent& event, double load_ms) {
  const bool dies = event.kind == FleetEventKind::node_dies || event.kind == FleetEventKind::rack_restarts;
  return event.until_s + (dies ? load_ms / 1000 : 0);
}

double load_ms_of(const Fleet& fleet, const FleetEvent& event) {
  double most = 0;
  std::uint32_t first = 0;  // of the class
  for (const NodeClass& of : fleet.classes) {
    for (const std::uint32_t node : event.nodes)
      if (node >= first && node - first < of.count) most = std::max(most, of.times.load_ms);
    first += of.count;
  }
  return most;
}

// The first event would end what the second one began. REQUIRES: in order of time.
bool overlap(const Fleet& fleet, const FleetEvent& first, const FleetEvent& second) {
  if (second.at_s >= undone_s(first, load_ms_of(fleet, first))) return false;
  const auto shared = [](const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b) {
    return std::ranges::find_first_of(a, b) != a.end();
  };
  return shared(first.nodes, second.nodes) || shared(first.shards, second.shards);
}

}  // namespace

Result<std::vector<FleetEvent>> events_of(const std::vector<Event>& texts, const Fleet& fleet) {
  if (texts.size() > events_max) return fail(Fault::invalid, "\"events\": 64 are the most");
  std::vector<FleetEvent> events;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto event = event_of(texts[i], fleet);
    if (!event) return wrong(std::format("\"events\", number {} ({})", i + 1, texts[i].kind), event.error());
    events.push_back(std::move(*event));
  }
  std::ranges::stable_sort(events, {}, &FleetEvent::at_s);
  for (std::size_t second = 1; second < events.size(); ++second) {
    for (std::size_t first = 0; first < second; ++first) {
      if (overlap(fleet, events[first], events[second]))
        return fail(Fault::invalid,
                    std::format("\"events\": {} at {} s and {} at {} s concern the same node or shard: one "
                                "must be over, and a node have loaded its model, before the other begins",
                                to_string(events[first].kind), events[first].at_s, to_string(events[second].kind),
                                events[second].at_s));
    }
  }
  return events;
}

}  // namespace fovea::fleet_json
