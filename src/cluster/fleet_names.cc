// Each choice has one table of its names, which is read in both directions.
#include "cluster/fleet_names.h"

#include <algorithm>
#include <array>
#include <format>

namespace fovea {

namespace {

template <typename T>
struct Named {
  std::string_view name;
  T value;
};

constexpr std::array routings = {Named{"hash", Routing::hash}, Named{"bounded_hash", Routing::bounded_hash},
                                 Named{"round_robin", Routing::round_robin}};
constexpr std::array fetchings = {Named{"measured", Fetching::measured}, Named{"always", Fetching::always},
                                  Named{"never", Fetching::never}};
constexpr std::array namings = {Named{"picture", NamedBy::picture}, Named{"session", NamedBy::session}};
constexpr std::array weightings = {Named{"equal", Weights::equal}, Named{"speed", Weights::speed}};
constexpr std::array event_kinds = {
    Named{"node_dies", FleetEventKind::node_dies},   Named{"link_cut", FleetEventKind::link_cut},
    Named{"shard_lost", FleetEventKind::shard_lost}, Named{"rack_restarts", FleetEventKind::rack_restarts},
    Named{"viral", FleetEventKind::viral},           Named{"noisy_tenant", FleetEventKind::noisy_tenant}};

template <typename T, std::size_t n>
std::string_view name_in(const std::array<Named<T>, n>& all, T value) {
  return std::ranges::find(all, value, &Named<T>::value)->name;
}

template <typename T, std::size_t n>
Result<T> value_in(const std::array<Named<T>, n>& all, std::string_view name) {
  const auto found = std::ranges::find(all, name, &Named<T>::name);
  if (found != all.end()) return found->value;
  std::string names;
  for (const Named<T>& each : all) names += std::format("{}{}", names.empty() ? "" : ", ", each.name);
  return fail(Fault::invalid, std::format("\"{}\" is none of {}", name, names));
}

}  // namespace

std::string_view to_string(Routing routing) { return name_in(routings, routing); }
std::string_view to_string(Fetching fetching) { return name_in(fetchings, fetching); }
std::string_view to_string(Weights weights) { return name_in(weightings, weights); }
std::string_view to_string(NamedBy named_by) { return name_in(namings, named_by); }
std::string_view to_string(FleetEventKind kind) { return name_in(event_kinds, kind); }

Result<Routing> routing_of(std::string_view name) { return value_in(routings, name); }
Result<Fetching> fetching_of(std::string_view name) { return value_in(fetchings, name); }
Result<Weights> weights_of(std::string_view name) { return value_in(weightings, name); }
Result<NamedBy> named_by_of(std::string_view name) { return value_in(namings, name); }
Result<FleetEventKind> event_kind_of(std::string_view name) { return value_in(event_kinds, name); }

std::string node_name(const Fleet& fleet, std::uint32_t node) {
  for (const NodeClass& of : fleet.classes) {
    if (node < of.count) return std::format("{}-{}", of.name, node + 1);
    node -= of.count;
  }
  return {};
}

}  // namespace fovea
