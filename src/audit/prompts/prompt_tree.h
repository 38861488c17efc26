// PromptTree: the prompts of a log as one tree, so that what two of them begin with is one path.
//
// A node is a place in a prompt: behind a part, or behind a piece of a long text (AuditedPart::prefixes). A
// node that was there before a request came is a beginning that an earlier request had. Nodes are dense
// numbers. Bounded: beyond nodes_max a prompt is followed only as far as its nodes are there. Not
// thread-safe.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <vector>

#include "audit/audited_request.h"

namespace fovea {

class PromptTree {
 public:
  using Node = std::uint32_t;
  static constexpr Node none = UINT32_MAX;  // no room for it

  // 16 to 28 B each: with growth, half a GiB.
  static constexpr std::uint32_t nodes_max = 12'000'000;
  // The last third is for ends of parts: prompts are then cut at messages only.
  static constexpr std::uint32_t nodes_with_pieces_max = 8'000'000;

  struct Step {
    Node node = none;
    bool known = false;  // an earlier request came by here
  };

  // Where prompts of this scope begin: those of one model, say.
  Step root(std::uint64_t scope) { return child(none, scope, nodes_max); }
  // Behind the node, what `hash` names comes next. `node` may be none.
  Step end_of_part(Node node, std::uint64_t hash) { return node == none ? Step{} : child(node, hash, nodes_max); }
  Step end_of_piece(Node node, std::uint64_t hash) {
    return node == none ? Step{} : child(node, ~hash, nodes_with_pieces_max);
  }

  std::uint32_t size() const { return size_; }
  // Frees what only child() needs. Nothing is added from then on.
  void freeze() { nodes_ = {}; }

 private:
  Step child(Node node, std::uint64_t hash, std::uint32_t bound);

  boost::unordered_flat_map<std::uint64_t, Node> nodes_;  // by 64 bits of where they are
  std::uint32_t size_ = 0;
};

}  // namespace fovea
