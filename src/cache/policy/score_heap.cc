// An implicit heap in a vector. Each item knows its place in it (Item::heap_index), so erase() needs no
// search. A node keeps a copy of the score that it is filed under, so comparisons read the vector and not the
// items. Only lowest() reads an item, and files it again while its real score is higher. A rise thus costs at
// most one sift, and often none.
#include "cache/policy/score_heap.h"

#include <algorithm>

namespace fovea {

namespace {

constexpr std::size_t children = 8;

}  // namespace

void ScoreHeap::push(Item& item) {
  nodes_.emplace_back();
  sift_up(nodes_.size() - 1, node_of(item));
}

Item* ScoreHeap::lowest() {
  if (nodes_.empty()) return nullptr;
  for (;;) {
    const Node& top = nodes_.front();
    const Node now = node_of(*top.item);
    if (!(top < now)) return top.item;
    sift_down(0, now);
  }
}

void ScoreHeap::lowered(Item& item) {
  const Node now = node_of(item);
  if (now < nodes_[item.heap_index]) sift_up(item.heap_index, now);
}

void ScoreHeap::erase(Item& item) {
  const std::size_t hole = item.heap_index;
  const Node last = nodes_.back();
  nodes_.pop_back();
  if (hole == nodes_.size()) return;
  const bool rises = hole > 0 && last < nodes_[(hole - 1) / children];
  if (rises)
    sift_up(hole, last);
  else
    sift_down(hole, last);
}

void ScoreHeap::place(std::size_t at, const Node& node) {
  nodes_[at] = node;
  node.item->heap_index = static_cast<std::uint32_t>(at);
}

void ScoreHeap::sift_up(std::size_t at, const Node& node) {
  while (at > 0 && node < nodes_[(at - 1) / children]) {
    place(at, nodes_[(at - 1) / children]);
    at = (at - 1) / children;
  }
  place(at, node);
}

void ScoreHeap::sift_down(std::size_t at, const Node& node) {
  for (std::size_t first = at * children + 1; first < nodes_.size(); first = at * children + 1) {
    const std::size_t end = std::min(first + children, nodes_.size());
    const Node* least = std::min_element(&nodes_[first], nodes_.data() + end);
    if (!(*least < node)) break;
    place(at, *least);
    at = static_cast<std::size_t>(least - nodes_.data());
  }
  place(at, node);
}

}  // namespace fovea
