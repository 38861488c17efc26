#include "audit/prompts/prompt_tree.h"

#include "trace/mixed_bits.h"

namespace fovea {

// A node is known by 64 bits of its parent and its hash: of 12 million nodes two are taken for one with a
// chance of 4 in a million.
PromptTree::Step PromptTree::child(Node node, std::uint64_t hash, std::uint32_t bound) {
  const std::uint64_t place = mixed_bits(hash ^ mixed_bits(std::uint64_t{node} + 1));
  const auto found = nodes_.find(place);
  if (found != nodes_.end()) return {found->second, true};
  if (size_ >= bound) return {};
  nodes_.emplace(place, size_);
  return {size_++, false};
}

}  // namespace fovea
