// Balancer: what stands in front of the nodes, with the rules of deploy/haproxy/haproxy.cfg: which node gets
// a request, when a node counts as down, and which requests are sent to a second one.
//
// Not thread-safe. Borrows what it is made with.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "cluster/balancer/hash_ring.h"
#include "cluster/balancer/turns.h"
#include "cluster/coroutine/task.h"
#include "cluster/fleet.h"
#include "cluster/fleet_outcome.h"
#include "cluster/network/network.h"
#include "cluster/network/timeline.h"
#include "cluster/node/node.h"

namespace fovea {

// What became of a request.
struct FleetAnswer {
  std::optional<FleetFailure> failure;  // nullopt = it was answered
  Served served;
  std::uint32_t node = 0;  // that answered, or that was asked last
  std::uint32_t resent = 0;
  double ms = 0;
};

struct BalancerOptions {
  Routing routing = Routing::hash;
  double bound = 1.5;
  NamedBy named_by = NamedBy::picture;
  std::vector<std::uint32_t> weights;  // by node
  std::uint64_t request_bytes = 0, answer_bytes = 0;
};

class Balancer {
 public:
  Balancer(Timeline& timeline, Network& network, std::deque<Node>& nodes, BalancerOptions options);

  // Has a request answered.
  Task<FleetAnswer> answer(FleetRequest request);

  // The node itself, or its link, changed: its checks notice after a while.
  void died(std::uint32_t node);
  void came_back(std::uint32_t node);
  void link_cut(std::uint32_t node);
  void link_restored(std::uint32_t node);

  // The node that a request would get now; nullopt where all are down. A client names the picture by its
  // number, in decimal digits, in the header x-fovea-picture, or its session in prompt_cache_key.
  std::optional<std::uint32_t> choose(const FleetRequest& request, std::optional<std::uint32_t> but);

  double bytes_in() const { return bytes_in_; }    // of requests, that nodes got
  double bytes_out() const { return bytes_out_; }  // of answers

 private:
  enum class End : std::uint8_t { answered, refused, busy, died, broken_off, silent };
  struct Watched {
    bool counts = true;         // as up
    std::uint64_t changes = 0;  // of the node itself or its link
    std::uint32_t has = 0;      // requests
  };

  Task<End> ask(std::uint32_t node, FleetRequest request, FleetAnswer& answer);
  void after_change(std::uint32_t node, double ms, bool counts);
  bool has_room(std::uint32_t node) const;

  Timeline& timeline_;
  Network& network_;
  std::deque<Node>& nodes_;
  const BalancerOptions options_;
  HashRing ring_;
  Turns turns_;
  std::vector<Watched> watched_;
  std::uint64_t weights_up_ = 0;               // of the nodes that count as up
  std::vector<std::uint64_t> weights_before_;  // of the nodes before each one, up or not
  std::uint64_t has_ = 0;                      // requests, on all nodes
  double bytes_in_ = 0, bytes_out_ = 0;
};

}  // namespace fovea
