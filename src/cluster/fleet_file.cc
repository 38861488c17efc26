// A fleet is read in two steps: JSON into plain structs of texts and numbers (fleet_json.h), then field by
// field into a Fleet. The second step checks each field where the sentence can name it, and finds what names
// lead to: profiles, workloads, nodes. Changes are made between the two, so events find the nodes that there
// then are.
#include "cluster/fleet_file.h"

#include <algorithm>
#include <cmath>
#include <format>
#include <utility>

#include "cluster/file/event_fields.h"
#include "cluster/file/field_checks.h"
#include "cluster/file/fleet_json.h"
#include "cluster/file/load_fields.h"
#include "cluster/file/node_fields.h"
#include "cluster/fleet_names.h"
#include "profile/tier_time.h"
#include "store/record.h"
#include "trace/trace_source.h"

namespace fovea {

namespace {

using fleet_json::is_within;
using fleet_json::wrong;

constexpr std::size_t fleet_bytes_max = 1 << 20;  // fleets are written by hand
constexpr std::uint32_t shards_max = 256;         // a Valkey Cluster has fewer

constexpr double payload_share = 0.955;  // of a link's bytes: TCP and Ethernet take the rest

struct StrictJson : glz::opts {
  bool validate_trailing_whitespace = true;  // nothing may follow the fleet
};
constexpr StrictJson strict_json{};

Result<SharedTier> shared_of(const fleet_json::Shared& shared) {
  if (shared.shards < 1 || shared.shards > shards_max) return fail(Fault::invalid, "\"shards\" must be 1 to 256");
  if (!is_within(shared.wait_ms, 0, fleet_json::wait_max_ms))
    return fail(Fault::invalid, "\"wait_ms\" must be 0 to 60,000");
  const auto memory = fleet_json::size_of("memory", shared.memory);
  if (!memory) return std::unexpected(memory.error());
  const auto link = fleet_json::link_of(shared.link);
  if (!link) return std::unexpected(link.error());
  return SharedTier{.shards = shared.shards, .bytes_max = *memory, .link = *link, .wait_ms = shared.wait_ms};
}

Result<LevelsOn> levels_of(const std::vector<std::string>& names) {
  LevelsOn on;
  for (const std::string& name : names) {
    if (name == "embedding")
      on.embedding = true;
    else if (name == "prefix")
      on.prefix = true;
    else if (name == "response")
      on.response = true;
    else
      return fail(Fault::invalid, std::format("\"levels\": \"{}\" is none of embedding, prefix, response", name));
  }
  return on;
}

// Gives `nodes` nodes to the classes in their proportions, one to each at least.
Result<void> resize(std::vector<fleet_json::Nodes>& classes, fleet_json::Load& load, std::uint32_t nodes) {
  double before = 0;
  for (const fleet_json::Nodes& of : classes) before += of.count;
  if (nodes < classes.size() || nodes > fleet_json::nodes_max || before == 0)
    return fail(Fault::invalid, std::format("{} nodes: this fleet may have {} to 4,096", nodes, classes.size()));
  const double factor = nodes / before;
  double share = 0;         // of the classes so far
  std::uint32_t given = 0;  // to them
  for (std::size_t i = 0; i < classes.size(); ++i) {
    share += classes[i].count * factor;
    const auto others = static_cast<std::uint32_t>(classes.size() - 1 - i);
    const auto up_to = std::clamp(static_cast<std::uint32_t>(std::lround(share)), given + 1, nodes - others);
    classes[i].count = up_to - given;
    given = up_to;
  }
  if (load.rate_per_s) load.rate_per_s = *load.rate_per_s * factor;
  if (!load.rate_per_s)
    load.clients =
        static_cast<std::uint32_t>(std::clamp(load.clients.value_or(FleetLoad{}.clients) * factor, 1.0, 1e6));
  return {};
}

Result<void> apply(const FleetChanges& changes, fleet_json::Document& document) {
  if (changes.requests) document.load.requests = changes.requests;
  if (changes.seed) document.load.seed = *changes.seed;
  if (changes.routing) document.routing = to_string(*changes.routing);
  if (changes.fetching) document.fetching = to_string(*changes.fetching);
  if (changes.nodes) return resize(document.nodes, document.load, *changes.nodes);
  return {};
}

// What names and numbers say besides nodes, load and events.
Result<Fleet> choices_of(const fleet_json::Document& document) {
  Fleet fleet{.name = document.name, .about = document.about, .shared = {}, .events = {}};
  if (!fleet_json::is_name(document.name)) return fail(Fault::invalid, "\"name\" must be letters, digits and dashes");
  const auto routing = routing_of(document.routing);
  if (!routing) return wrong("\"routing\"", routing.error());
  fleet.routing = *routing;
  if (!is_within(document.bound, 1, 100)) return fail(Fault::invalid, "\"bound\" must be 1 to 100");
  fleet.bound = document.bound;
  const auto weights = weights_of(document.weights);
  if (!weights) return wrong("\"weights\"", weights.error());
  fleet.weights = *weights;
  const auto fetching = fetching_of(document.fetching);
  if (!fetching) return wrong("\"fetching\"", fetching.error());
  fleet.fetching = *fetching;
  fleet.prefetch = document.prefetch;
  if (document.levels) {
    const auto levels = levels_of(*document.levels);
    if (!levels) return std::unexpected(levels.error());
    fleet.levels = *levels;
  }
  return fleet;
}

// As `fovea profile` would measure it over these links (profile/tier_time.h): a value that is read or stored
// takes two commands.
TierTime measured_from(const NodeClass& node, const SharedTier& shared) {
  const double bytes_per_ms = std::min(node.link.bytes_per_ms, shared.link.bytes_per_ms) * payload_share;
  const double command_ms = (2 * (node.link.latency_ms + shared.link.latency_ms)) + shared.wait_ms;
  const auto bytes = static_cast<double>(TierLoad{}.large_bytes);
  return {.kind = std::string(to_string(TierKind::shared)),
          .wait_ms = 2 * command_ms,
          .bytes_per_ms = bytes_per_ms,
          .write_bytes_per_ms = bytes / (bytes / bytes_per_ms + 2 * command_ms)};
}

Result<Fleet> fleet_of(const fleet_json::Document& document, const FleetFolders& folders) {
  auto fleet = choices_of(document);
  if (!fleet) return fleet;
  auto classes = fleet_json::node_classes(document, folders);
  if (!classes) return std::unexpected(classes.error());
  fleet->classes = std::move(*classes);
  if (document.shared) {
    const auto shared = shared_of(*document.shared);
    if (!shared) return wrong("\"shared\"", shared.error());
    fleet->shared = *shared;
    for (NodeClass& node : fleet->classes)
      if (document.shared->profiled) node.shared = measured_from(node, *shared);
  }
  auto load = fleet_json::load_of(document.load, folders);
  if (!load) return wrong("\"load\"", load.error());
  fleet->load = std::move(*load);
  auto events = fleet_json::events_of(document.events, *fleet);
  if (!events) return std::unexpected(events.error());
  fleet->events = std::move(*events);
  return fleet;
}

}  // namespace

Result<Fleet> parse_fleet(std::string_view json, const std::string& name, const FleetFolders& folders,
                          const FleetChanges& changes) {
  const std::string text(json);  // glaze wants a terminated buffer
  fleet_json::Document document;
  if (const auto error = glz::read<strict_json>(document, text))
    return fail(Fault::invalid,
                std::format("{}: not a fleet: {}\nsamples/fleets has examples.", name, glz::format_error(error, text)));
  if (const auto applied = apply(changes, document); !applied) return wrong(name, applied.error());
  auto fleet = fleet_of(document, folders);
  if (!fleet) return wrong(name, fleet.error());
  return fleet;
}

Result<Fleet> read_fleet(const std::string& path, const std::filesystem::path& samples, const FleetChanges& changes) {
  auto source = TraceSource::open(path);
  if (!source) return std::unexpected(source.error());
  const auto json = source->rest(fleet_bytes_max);
  if (!json) return std::unexpected(json.error());
  const std::filesystem::path folder = path == "-" ? "." : std::filesystem::path(path).parent_path();
  return parse_fleet(*json, source->name(), {.own = folder, .samples = samples}, changes);
}

}  // namespace fovea
