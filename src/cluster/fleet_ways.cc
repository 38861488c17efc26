// Each way is the fleet with one or two of its choices changed. Load, seed and events are the same in all, so
// what is different in the outcomes comes from the choices.
#include "cluster/fleet_ways.h"

#include <format>
#include <utility>

#include "cluster/fleet_names.h"

namespace fovea {

namespace {

std::string choices_of(const Fleet& fleet) {
  if (!fleet.shared) return std::format("{}, nothing shared", to_string(fleet.routing));
  return std::format("{}, fetching {}", to_string(fleet.routing), to_string(fleet.fetching));
}

FleetWay as_it_is(const Fleet& fleet, std::string name) {
  return {.name = std::move(name), .about = "the fleet as its file has it: " + choices_of(fleet), .fleet = fleet};
}

std::vector<FleetWay> sharing_ways(const Fleet& fleet) {
  Fleet alone = fleet, shared = fleet, hashed = fleet;
  alone.routing = shared.routing = Routing::round_robin;
  alone.shared.reset();
  hashed.shared.reset();
  std::vector<FleetWay> all = {
      {"nothing shared", "requests go to nodes in turn, and no node has what another one computed", alone},
      {"shared tier", "requests go to nodes in turn; what one node computed is fetched by others", shared},
      {"hashing", "each picture has its node; nothing is shared", hashed}};
  if (fleet.routing == Routing::hash) {
    Fleet bounded = fleet;
    bounded.routing = Routing::bounded_hash;
    all.push_back({"bounded load, shared tier",
                   std::format("hashing, but a node with more than {} times the mean gives requests away", fleet.bound),
                   bounded});
  }
  all.push_back(as_it_is(fleet, fleet.routing == Routing::hash ? "hashing, shared tier" : "bounded load, shared tier"));
  return all;
}

std::vector<FleetWay> placement_ways(const Fleet& fleet) {
  Fleet always = fleet, never = fleet, unshared = fleet;
  always.fetching = Fetching::always;
  never.fetching = Fetching::never;
  unshared.routing = Routing::hash;
  unshared.shared.reset();
  return {{"always fetch", "whatever a tier has is fetched, however long it takes", always},
          {"always recompute", "what is not in memory is computed", never},
          {"hash only", "each picture has its node; nothing is shared", unshared},
          as_it_is(fleet, "by measured cost")};
}

std::vector<FleetWay> prefetch_ways(const Fleet& fleet) {
  Fleet without = fleet, with = fleet;
  without.prefetch = false;
  with.prefetch = true;
  return {{"without prefetch", "nothing is fetched before it is asked for", without},
          {"with prefetch", "when a machine is idle, what a session is likely to ask for next moves to memory", with}};
}

}  // namespace

Result<std::vector<FleetWay>> ways_of(const Fleet& fleet, Compared compared) {
  if (compared == Compared::nothing) return std::vector<FleetWay>{as_it_is(fleet, choices_of(fleet))};
  if (!fleet.shared)
    return fail(Fault::invalid, std::format("{} has no shared tier to compare with: add \"shared\"", fleet.name));
  if (compared == Compared::prefetch) return prefetch_ways(fleet);
  if (compared == Compared::sharing) {
    if (fleet.routing == Routing::round_robin)
      return fail(Fault::invalid, std::format("{} does not hash: set \"routing\" to hash or bounded_hash", fleet.name));
    return sharing_ways(fleet);
  }
  if (fleet.fetching != Fetching::measured)
    return fail(Fault::invalid, std::format("{} does not fetch by measured cost: leave out \"fetching\"", fleet.name));
  return placement_ways(fleet);
}

Result<Compared> compared_of(std::string_view name) {
  if (name == "sharing") return Compared::sharing;
  if (name == "placement") return Compared::placement;
  if (name == "prefetch") return Compared::prefetch;
  return fail(Fault::invalid, std::format("\"{}\" is none of sharing, placement, prefetch", name));
}

}  // namespace fovea
