// HashRing: which node a picture belongs to, by consistent hashing as HAProxy has it ("hash-type
// consistent").
//
// Each node has points on a ring of 32 bits, 16 for each unit of its weight, and a picture belongs to the
// node of the nearest point. A node that is down has its points left out, so only its own pictures move.
// Points are hashes of the node's number: which node a picture meets differs from HAProxy, how many do does
// not. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace fovea {

class HashRing {
 public:
  // Nodes are numbered as `weights`, each 1 to 256.
  explicit HashRing(std::span<const std::uint32_t> weights);

  // The node of `picture` among those that `takes` says yes to: of its own node and then of its neighbours on
  // the ring, the first. nullopt where none is left.
  using Takes = std::function<bool(std::uint32_t node)>;
  std::optional<std::uint32_t> node_of(std::uint64_t picture, const Takes& takes) const;

 private:
  std::size_t nearest(std::uint32_t hash, const Takes& takes) const;

  std::vector<std::uint64_t> points_;  // hash << 32 | node, rising
  std::size_t nodes_;
};

}  // namespace fovea
