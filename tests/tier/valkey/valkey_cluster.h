// ValkeyCluster: a real Cluster of three primaries, with a replica each if wanted, that finds a dead
// primary in two seconds.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "tier/valkey/valkey_server.h"

namespace fovea::test {

class ValkeyCluster {
 public:
  static constexpr std::size_t primaries = 3;

  // All slots are served, and all replicas are in sync, when this returns.
  explicit ValkeyCluster(bool with_replicas);

  // The first three are the primaries at the beginning, the others their replicas, in the same order.
  ValkeyServer& node(std::size_t index) { return *nodes_[index]; }
  std::string address() const;  // with all primaries as seeds
  std::string id(std::size_t index) const { return nodes_[index]->ask({"CLUSTER", "MYID"}); }
  // Moves so many slots from one primary to another, with valkey-cli. Whether it did.
  bool reshard(std::size_t from, std::size_t to, int slots) const;

 private:
  std::vector<std::unique_ptr<ValkeyServer>> nodes_;
};

}  // namespace fovea::test
