// HashRing: which node a picture belongs to, by HAProxy's consistent hashing ("hash-type consistent"): the
// same node for the same text.
//
// Each node has points on a ring of 32 bits, 16 for each unit of its weight, and a text belongs to the node
// of the nearest point. A node that is down has its points left out, so only its own texts move. A node that
// does not take a request gives it to that of the next point.
//
// Nodes are HAProxy's servers with the ids 1, 2, 3 ... of deploy/haproxy/haproxy.cfg. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace fovea {

class HashRing {
 public:
  // Nodes are numbered as `weights`, each 1 to 256.
  explicit HashRing(std::span<const std::uint32_t> weights);

  // The node of `text`. Nodes for which `is_up` is false have no points. From the nearest point on, the first
  // node that `takes`; nullopt where none does.
  using Says = std::function<bool(std::uint32_t node)>;
  std::optional<std::uint32_t> node_of(std::string_view text, const Says& is_up, const Says& takes) const;

 private:
  std::size_t nearest(std::uint32_t hash, const Says& is_up) const;
  std::size_t next_up(std::size_t from, std::size_t step, const Says& is_up) const;

  std::vector<std::uint64_t> points_;  // hash << 32 | node, rising
  std::size_t nodes_;
};

}  // namespace fovea
