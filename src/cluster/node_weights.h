// Node weights: what a node of each class is worth to the balancer, by the requests of the fleet's load that
// it can do in a second.
//
// The speeds are computed from the classes' profiles as if nothing were ever evicted, so only their ratio
// means something. Pure functions; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cluster/fleet.h"
#include "profile/request_cost.h"

namespace fovea {

// Of the requests of a load, those that repeat one, those about a picture already seen, and the rest.
LoadShares shares_of(const FleetLoad& load);

// The requests in a second of a node of this class: its encoder takes one picture at a time, its decoder
// prefills one prompt at a time and decodes `parallel` answers together, and both work side by side.
// REQUIRES: a class that read_fleet would accept.
double requests_per_s(const NodeClass& node, const LevelsOn& levels, const LoadShares& shares);

// HAProxy's weights of the classes' nodes, 1 to 256: 256 for the fastest, or for all where the fleet's
// weights are equal.
std::vector<std::uint32_t> class_weights(const Fleet& fleet);
// By speed, whatever the fleet says.
std::vector<std::uint32_t> weights_by_speed(const Fleet& fleet);

// The lines for deploy/haproxy/haproxy.cfg: a server with its weight for each node, of each class the first
// `nodes_max`. Addresses are made up.
std::string haproxy_lines(const Fleet& fleet, std::uint32_t nodes_max);

}  // namespace fovea
