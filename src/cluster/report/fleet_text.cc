// Words are those of docs/ARCHITECTURE.md; choices are spelt as files spell them.
#include "cluster/report/fleet_text.h"

#include <algorithm>
#include <format>
#include <vector>

#include "base/units.h"
#include "cluster/fleet_names.h"
#include "report/number_text.h"

namespace fovea {

namespace {

std::string names_of(const Fleet& fleet, const std::vector<std::uint32_t>& nodes) {
  if (nodes.empty()) return "";
  if (nodes.size() == 1) return "node " + node_name(fleet, nodes.front());
  return std::format("{} nodes ({} to {})", nodes.size(), node_name(fleet, nodes.front()),
                     node_name(fleet, nodes.back()));
}

}  // namespace

std::string fleet_line(const Fleet& fleet) {
  std::string classes;
  for (const NodeClass& of : fleet.classes)
    classes += std::format("{}{} {}", classes.empty() ? "" : ", ", of.count, of.device);
  const std::uint32_t nodes = fleet.nodes();
  std::string text = std::format("{} {} ({})", nodes, nodes == 1 ? "node" : "nodes", classes);
  if (fleet.shared)
    text += std::format(", {} {}", fleet.shared->shards, fleet.shared->shards == 1 ? "shard" : "shards");
  text += std::format("; {}", to_string(fleet.routing));
  if (fleet.shared) text += std::format(", fetching {}", to_string(fleet.fetching));
  const FleetLoad& load = fleet.load;
  text += std::format("; {} requests of {}", count_text(load.workload.requests), load.workload.name);
  text += load.rate_per_s > 0
              ? std::format(", {} a second", number_text(load.rate_per_s))
              : std::format(" by {} {}", count_text(load.clients), load.clients == 1 ? "client" : "clients");
  return text;
}

std::string_view found_text(Way way) {
  switch (way) {
    case Way::response:
      return "a stored answer";
    case Way::joined:
      return "an equal request's answer";
    case Way::prefix:
      return "a stored prefix";
    case Way::embedding_memory:
      return "embeddings in memory";
    case Way::embedding_disk:
      return "embeddings on disk";
    case Way::embedding_shared:
      return "embeddings in the shared tier";
    case Way::embedding_joined:
      return "embeddings that another request made";
    case Way::encoded:
      return "nothing: encoded";
  }
  return "";
}

std::string event_text(const Fleet& fleet, const FleetEvent& event) {
  const std::string nodes = names_of(fleet, event.nodes);
  const std::string shard = event.shards.empty() ? "" : std::format("shard {}", event.shards.front() + 1);
  switch (event.kind) {
    case FleetEventKind::node_dies:
      return nodes + " dies";
    case FleetEventKind::link_cut:
      return std::format("the link of {} is cut", nodes.empty() ? shard : nodes);
    case FleetEventKind::shard_lost:
      return shard + " is lost";
    case FleetEventKind::rack_restarts:
      return nodes + " restart";
    case FleetEventKind::viral:
      return std::format("{} of all requests are about one picture", share_text(event.share));
    case FleetEventKind::noisy_tenant:
      return std::format("a tenant sends {} requests a second more", number_text(event.rate_per_s));
  }
  return "";
}

std::string bytes_text(double bytes) { return format_bytes(static_cast<std::uint64_t>(std::max(bytes, 0.0))); }

}  // namespace fovea
