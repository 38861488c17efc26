#include "tier/valkey/valkey_cluster.h"

#include <algorithm>
#include <cstdlib>
#include <format>
#include <stdexcept>

namespace fovea::test {

namespace {

void require(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

}  // namespace

ValkeyCluster::ValkeyCluster(bool with_replicas) {
  const std::size_t count = with_replicas ? 2 * primaries : primaries;
  while (nodes_.size() < count)
    nodes_.push_back(std::make_unique<ValkeyServer>(std::vector<std::string>{
        "--cluster-enabled", "yes", "--cluster-node-timeout", "2000", "--cluster-replica-validity-factor", "0",
        "--repl-diskless-sync-delay", "0", "--cluster-port", std::to_string(free_port())}));
  for (std::size_t i = 0; i < count; ++i) {
    nodes_[i]->ask({"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)});
    const auto cluster_port_of = [&](const ValkeyServer& node) {
      const std::string said = node.ask({"CONFIG", "GET", "cluster-port"});
      return said.substr(said.find('\n') + 1);
    };
    if (i > 0)
      nodes_[i]->ask({"CLUSTER", "MEET", "127.0.0.1", std::to_string(nodes_[0]->port()), cluster_port_of(*nodes_[0])});
    if (i < primaries)
      nodes_[i]->ask({"CLUSTER", "ADDSLOTSRANGE", std::to_string(i * 16384 / primaries),
                      std::to_string((i + 1) * 16384 / primaries - 1)});
  }
  const auto all = [&](const auto& holds) {
    return eventually([&] { return std::ranges::all_of(nodes_, [&](const auto& node) { return holds(*node); }); },
                      std::chrono::seconds(30));
  };
  require(all([&](const ValkeyServer& node) {
            return node.ask({"CLUSTER", "INFO"}).contains(std::format("cluster_known_nodes:{}", count));
          }),
          "the nodes do not meet");
  for (std::size_t i = primaries; i < count; ++i)
    require(eventually([&] { return nodes_[i]->ask({"CLUSTER", "REPLICATE", id(i - primaries)}) == "OK"; }),
            "a node does not become a replica");
  require(all([](const ValkeyServer& node) { return node.ask({"CLUSTER", "INFO"}).contains("cluster_state:ok"); }),
          "the cluster does not become well");
  for (std::size_t i = primaries; i < count; ++i)
    require(eventually([&] { return nodes_[i]->ask({"INFO", "replication"}).contains("master_link_status:up"); }),
            "a replica does not follow");
}

std::string ValkeyCluster::address() const {
  std::string address = "valkey://";
  for (std::size_t i = 0; i < primaries; ++i)
    address += std::format("{}127.0.0.1:{}", i == 0 ? "" : ",", nodes_[i]->port());
  return address;
}

bool ValkeyCluster::reshard(std::size_t from, std::size_t to, int slots) const {
  const std::string command = std::format(
      "valkey-cli --cluster reshard 127.0.0.1:{} --cluster-from {} --cluster-to {} --cluster-slots {} "
      "--cluster-yes >/dev/null 2>&1 </dev/null",
      nodes_[from]->port(), id(from), id(to), slots);
  return std::system(command.c_str()) == 0;
}

}  // namespace fovea::test
