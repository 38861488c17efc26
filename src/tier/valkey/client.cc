// A call goes in rounds: sort what is pending by node, send to all nodes at once, take the results, and
// begin again with what was redirected. A round borrows one connection of each node, in the nodes' order:
// so calls cannot wait for each other in a circle. A command whose node failed is not tried elsewhere:
// nobody else has its slot until the map says so, and a cache would rather miss than wait.
#include "tier/valkey/client.h"

#include <algorithm>
#include <format>
#include <optional>
#include <tuple>
#include <utility>

#include "tier/valkey/wire/server_error.h"

namespace fovea::valkey {

namespace {

constexpr int rounds_max = 5;  // a slot that moves twice during a call is bad luck, four times a loop
constexpr std::size_t nodes_max = SlotMap::nodes_max + Address::seeds_max;
constexpr std::size_t refresh_nodes_max = 3;            // that one refresh asks, until one knows
constexpr std::chrono::milliseconds refresh_wait{250};  // for each of them
const Command asking = command_of(Expect::status, "", {"ASKING"});
const Command cluster_slots = command_of(Expect::array, "", {"CLUSTER", "SLOTS"});

}  // namespace

struct Client::Group {
  Result<std::shared_ptr<Node>> node = nullptr;
  std::vector<Routed> routed;
  std::optional<Node::Loan> loan;
  std::optional<Error> failure;
};

Client::Client(std::vector<Endpoint> seeds, Dial dial)
    : seeds_(std::move(seeds)),
      dial_(std::move(dial)),
      clustered_(seeds_.size() > 1),
      refresh_wanted_(clustered_),
      refreshed_at_(std::chrono::steady_clock::now() - refresh_pause) {}

std::vector<Result<Reply>> Client::run(std::span<const Command> commands, const Until& until) {
  std::vector<Result<Reply>> results(
      commands.size(), fail(Fault::unavailable, "the servers of the shared tier send each other's callers in circles"));
  std::vector<Routed> pending;
  for (std::size_t i = 0; i < commands.size(); ++i) pending.push_back({i});
  std::vector<Redirect> redirects;
  for (int round = 0; round < rounds_max && !pending.empty(); ++round) {
    if (auto usable = refresh_if_wanted(until); !usable) return {commands.size(), std::unexpected(usable.error())};
    auto groups = grouped(commands, pending);
    exchange(commands, groups, until);
    pending.clear();
    redirects = taken(groups, results, pending);
    for (std::size_t i = 0; i < pending.size(); ++i) pending[i].redirect = &redirects[i];
    learn(redirects);
  }
  return results;
}

std::vector<Endpoint> Client::servers(const Until& until) {
  std::ignore = refresh_if_wanted(until);  // what is known will do
  MutexLock lock(mutex_);
  return clustered_ && !map_.nodes().empty() ? map_.nodes() : seeds_;
}

Result<std::vector<SlotMap>> Client::slot_maps(const Until& until) {
  const std::vector<Endpoint> asked = servers(until);
  std::vector<SlotMap> maps;
  {
    MutexLock lock(mutex_);
    if (!clustered_) return maps;
  }
  for (const Endpoint& server : asked) {
    const auto reply = run_on(server, cluster_slots, until);
    if (!reply) return std::unexpected(reply.error());
    auto map = SlotMap::parse(*reply, server);
    if (!map) return fail(Fault::unavailable, std::format("{}: {}", to_string(server), map.error()));
    maps.push_back(std::move(*map));
  }
  return maps;
}

Result<Reply> Client::run_on(const Endpoint& server, const Command& command, const Until& until) {
  std::map<Endpoint, Group> groups;
  {
    MutexLock lock(mutex_);
    groups[server].node = node_of(server);
  }
  groups[server].routed.push_back({0});
  exchange(std::span(&command, 1), groups, until);
  std::vector<Result<Reply>> results(1, fail(Fault::unavailable, "the server sends its callers elsewhere"));
  std::vector<Routed> pending;
  taken(groups, results, pending);
  return std::move(results.front());
}

Endpoint Client::endpoint_for(const Command& command) {
  if (!clustered_) return seeds_.front();
  if (auto owner = map_.owner(command.slot)) return *owner;
  return seeds_[turn_++ % seeds_.size()];  // it knows who has it
}

Result<std::shared_ptr<Node>> Client::node_of(const Endpoint& endpoint) {
  if (const auto known = nodes_.find(endpoint); known != nodes_.end()) return known->second;
  if (nodes_.size() == nodes_max)
    return fail(Fault::unavailable, std::format("the cluster names more than {} nodes", nodes_max));
  Dial dial = dial_;
  dial.endpoint = endpoint;
  return nodes_.emplace(endpoint, std::make_shared<Node>(std::move(dial))).first->second;
}

std::map<Endpoint, Client::Group> Client::grouped(std::span<const Command> commands, std::span<const Routed> pending) {
  std::map<Endpoint, Group> groups;
  MutexLock lock(mutex_);
  for (const Routed& routed : pending) {
    const Endpoint endpoint =
        routed.redirect != nullptr ? routed.redirect->endpoint : endpoint_for(commands[routed.index]);
    const auto [group, is_new] = groups.try_emplace(endpoint);
    if (is_new) group->second.node = node_of(endpoint);
    group->second.routed.push_back(routed);
  }
  return groups;
}

void Client::exchange(std::span<const Command> commands, std::map<Endpoint, Group>& groups, const Until& until) {
  std::vector<Connection*> connections;
  for (auto& [endpoint, group] : groups) {
    auto loan = group.node ? (*group.node)->acquire(until) : Result<Node::Loan>(std::unexpected(group.node.error()));
    if (!loan) {
      group.failure = std::move(loan.error());
      continue;
    }
    group.loan.emplace(std::move(*loan));
    std::vector<const Command*> asked;
    for (const Routed& routed : group.routed) {
      if (routed.redirect != nullptr && routed.redirect->for_once) asked.push_back(&asking);
      asked.push_back(&commands[routed.index]);
    }
    group.loan->connection().begin(asked);
    connections.push_back(&group.loan->connection());
  }
  drive(connections, until);
}

// Puts the groups' replies and failures into the results; those that are redirected become pending, one for
// each redirect that is returned. Gives the connections back.
std::vector<Redirect> Client::taken(std::map<Endpoint, Group>& groups, std::vector<Result<Reply>>& results,
                                    std::vector<Routed>& pending) {
  std::vector<Redirect> redirects;
  bool failed = false;
  for (auto& [endpoint, group] : groups) {
    if (group.loan && group.loan->connection().failure()) group.failure = group.loan->connection().failure();
    if (group.failure) {
      failed |= group.failure->fault != Fault::cancelled;
      for (const Routed& routed : group.routed) results[routed.index] = std::unexpected(*group.failure);
      continue;
    }
    std::vector<Reply> replies = group.loan->connection().take_replies();
    std::size_t at = 0;
    for (const Routed& routed : group.routed) {
      if (routed.redirect != nullptr && routed.redirect->for_once) ++at;
      Reply& reply = replies[at++];
      if (reply.kind != Reply::Kind::error) {
        results[routed.index] = std::move(reply);
      } else if (auto redirect = parse_redirect(reply.text(), endpoint)) {
        redirects.push_back(std::move(*redirect));
        pending.push_back({routed.index});
      } else {
        results[routed.index] = std::unexpected(server_error(endpoint, reply.text()));
      }
    }
  }
  groups.clear();
  MutexLock lock(mutex_);
  refresh_wanted_ |= failed && clustered_;
  return redirects;
}

// A slot that moved is known at once; the map that is asked for next tells the others.
void Client::learn(std::span<const Redirect> redirects) {
  MutexLock lock(mutex_);
  for (const Redirect& redirect : redirects) {
    if (redirect.for_once) continue;
    map_.set_owner(redirect.slot, redirect.endpoint);
    clustered_ = refresh_wanted_ = true;
  }
}

Result<void> Client::refresh_if_wanted(const Until& until) {
  const auto usable = [&]() FOVEA_REQUIRES(mutex_) {
    return no_cluster_ ? Result<void>(std::unexpected(*no_cluster_)) : Result<void>();
  };
  {
    MutexLock lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (!refresh_wanted_ || now - refreshed_at_ < refresh_pause) return usable();
    refreshed_at_ = now;  // nobody else does
    refresh_wanted_ = false;
  }
  ++refreshes_;
  for (const auto& node : refresh_candidates()) {
    if (refresh_from(*node, until.at_most(refresh_wait))) return {};
  }
  MutexLock lock(mutex_);
  refresh_wanted_ = true;
  return usable();
}

// The nodes that have slots, then the seeds, from another one each time.
std::vector<std::shared_ptr<Node>> Client::refresh_candidates() {
  MutexLock lock(mutex_);
  std::vector<Endpoint> endpoints = map_.nodes();
  if (!endpoints.empty())
    std::ranges::rotate(endpoints, endpoints.begin() + static_cast<std::ptrdiff_t>(turn_ % endpoints.size()));
  for (std::size_t i = 0; i < seeds_.size(); ++i) endpoints.push_back(seeds_[(turn_ + i) % seeds_.size()]);
  ++turn_;
  std::vector<std::shared_ptr<Node>> candidates;
  for (const Endpoint& endpoint : endpoints) {
    const auto node = node_of(endpoint);
    if (node && !std::ranges::contains(candidates, *node)) candidates.push_back(*node);
    if (candidates.size() == refresh_nodes_max) break;
  }
  return candidates;
}

bool Client::refresh_from(Node& node, const Until& until) {
  auto loan = node.acquire(until);
  if (!loan) return false;
  Connection* connection = &loan->connection();
  connection->begin({&cluster_slots});
  drive(std::span(&connection, 1), until);
  if (connection->failure()) return false;
  const Reply reply = std::move(connection->take_replies().front());
  auto map = SlotMap::parse(reply, node.endpoint());
  MutexLock lock(mutex_);
  if (!map) {
    if (seeds_.size() > 1 && reply.text().contains("cluster support disabled"))
      no_cluster_ = {Fault::invalid,
                     std::format("{} is no node of a cluster: several addresses name one cluster's nodes, so "
                                 "name one server only, or make them a cluster",
                                 to_string(node.endpoint()))};
    return false;
  }
  no_cluster_.reset();
  map_ = std::move(*map);
  const std::vector<Endpoint>& named = map_.nodes();
  std::erase_if(nodes_, [&](const auto& known) {
    return !std::ranges::contains(named, known.first) && !std::ranges::contains(seeds_, known.first);
  });
  return true;
}

}  // namespace fovea::valkey
