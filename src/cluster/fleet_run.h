// FleetRun: a fleet at work: its nodes, shards and balancer on a timeline and a network, the load that they
// get, and what happens to them.
//
// Not thread-safe. Borrows the fleet, the timeline and the flows.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

#include "base/progress.h"
#include "cluster/balancer/balancer.h"
#include "cluster/coroutine/task.h"
#include "cluster/fleet.h"
#include "cluster/fleet_outcome.h"
#include "cluster/fleet_requests.h"
#include "cluster/network/network.h"
#include "cluster/network/timeline.h"
#include "cluster/node/node.h"
#include "cluster/outcome_recorder.h"
#include "cluster/shared/shared_client.h"

namespace fovea {

// The links of a fleet: those of its nodes, by number, and those of its shards.
std::vector<FleetLink> links_of(const Fleet& fleet);

class FleetRun {
 public:
  // Places of `flows` are numbered as links_of() says. REQUIRES: a fleet that read_fleet would accept.
  FleetRun(const Fleet& fleet, Timeline& timeline, Flows& flows);

  // Begins. `over` is called when the last request has ended; nothing new happens then.
  void begin(std::function<void()> over, Progress progress = {});

  // What has happened so far, but for what only the caller knows (wall_seconds, messages, events).
  FleetOutcome outcome();

  const std::deque<Node>& nodes() const { return nodes_; }
  const Network& network() const { return network_; }
  const SharedFleet* shared() const { return shared_ ? &*shared_ : nullptr; }

 private:
  void make_nodes();
  void begin_load();
  void plan(std::size_t event);
  void happens(const FleetEvent& event);
  void is_over(const FleetEvent& event);
  Task<void> client();
  Task<void> ask(FleetRequest request);
  void next_arrival(std::size_t number);
  void next_noisy(std::size_t event, std::uint64_t number);
  void ended(const FleetRequest& request, const FleetAnswer& answer);
  void add_levels(FleetOutcome& outcome) const;
  void add_classes(FleetOutcome& outcome) const;
  Place place_of_shard(std::uint32_t shard) const { return static_cast<Place>(nodes_.size() + shard); }

  const Fleet& fleet_;
  Timeline& timeline_;
  Network network_;
  std::deque<NodeCosts> costs_;  // by class
  std::vector<std::uint32_t> class_of_;
  std::optional<SharedFleet> shared_;
  std::unordered_set<std::uint64_t> encoded_;
  std::deque<Node> nodes_;
  Balancer balancer_;
  FleetRequests requests_;
  OutcomeRecorder recorder_;
  std::vector<double> arrivals_;
  std::uint64_t own_ended_ = 0;  // requests of the load
  std::uint64_t open_ = 0;       // requests that were sent and have not ended
  std::function<void()> over_;
  Progress progress_;
};

}  // namespace fovea
