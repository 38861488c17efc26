// Client: commands to one server, or to the nodes of a cluster that have their slots. Thread-safe. The
// calling thread does the work.
//
// A cluster is known from several seeds, or from a first redirect. Its map of slots is asked for when a
// node redirects or fails, once a second at most, whatever happens.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "tier/valkey/node.h"
#include "tier/valkey/slot_map.h"

namespace fovea::valkey {

class Client {
 public:
  static constexpr std::chrono::seconds refresh_pause{1};

  // `dial`, with another endpoint, reaches every node.
  Client(std::vector<Endpoint> seeds, Dial dial);

  // The replies to `commands`, in order, in one round trip to all their servers; further ones where servers
  // redirect. An error reply is an error here. Commands of one slot go over one connection, in order,
  // unless a server redirects. Each for itself: unavailable; timed_out; cancelled; invalid, where several
  // servers were named that are no cluster.
  std::vector<Result<Reply>> run(std::span<const Command> commands, const Until& until);

  // The servers that have slots, as far as is known; the one that was named where it is no cluster.
  std::vector<Endpoint> servers(const Until& until);
  // What each of them says now about who has which slot; none where it is no cluster. Faults: as run_on;
  // unavailable, where one of them says nothing sound.
  Result<std::vector<SlotMap>> slot_maps(const Until& until);
  // The reply of one server, whatever slot the command is for. Faults: unavailable; timed_out; cancelled.
  Result<Reply> run_on(const Endpoint& server, const Command& command, const Until& until);

  // How often a map of slots was asked for.
  std::uint64_t refreshes() const { return refreshes_; }

 private:
  struct Routed {
    std::size_t index;  // of the command, and of its result
    const Redirect* redirect = nullptr;
  };
  struct Group;  // what goes to one node

  Endpoint endpoint_for(const Command& command) FOVEA_REQUIRES(mutex_);
  Result<std::shared_ptr<Node>> node_of(const Endpoint& endpoint) FOVEA_REQUIRES(mutex_);
  std::map<Endpoint, Group> grouped(std::span<const Command> commands, std::span<const Routed> pending);
  void exchange(std::span<const Command> commands, std::map<Endpoint, Group>& groups, const Until& until);
  std::vector<Redirect> taken(std::map<Endpoint, Group>& groups, std::vector<Result<Reply>>& results,
                              std::vector<Routed>& pending);
  void learn(std::span<const Redirect> redirects);

  // Faults: invalid, where several servers were named that are no cluster.
  Result<void> refresh_if_wanted(const Until& until);
  std::vector<std::shared_ptr<Node>> refresh_candidates();
  bool refresh_from(Node& node, const Until& until);

  const std::vector<Endpoint> seeds_;
  const Dial dial_;
  std::atomic<std::uint64_t> refreshes_ = 0;
  Mutex mutex_;
  std::map<Endpoint, std::shared_ptr<Node>> nodes_ FOVEA_GUARDED_BY(mutex_);
  SlotMap map_ FOVEA_GUARDED_BY(mutex_);
  std::size_t turn_ FOVEA_GUARDED_BY(mutex_) = 0;  // whose it is among those that could be asked
  bool clustered_ FOVEA_GUARDED_BY(mutex_);
  bool refresh_wanted_ FOVEA_GUARDED_BY(mutex_);
  Until::Time refreshed_at_ FOVEA_GUARDED_BY(mutex_);
  std::optional<Error> no_cluster_ FOVEA_GUARDED_BY(mutex_);  // several seeds, of which one is no cluster's node
};

}  // namespace fovea::valkey
