// ScoreHeap: items ordered by (priority, stamp), the lowest on top, for policies whose scores mostly rise.
//
// A rise costs nothing: the caller writes the item's new priority and stamp and the heap learns of it when the item, still
// filed under its old score, reaches the top. That gives the same order as filing at once: what an item is filed under is
// never above its score, so an item on top that is filed under its score is the lowest of all.
// Eight children a node: half the levels of four, and a node's children lie in three or four cache lines. The items belong to
// the caller. Not thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "cache/item.h"

namespace fovea {

class ScoreHeap {
 public:
  // REQUIRES: item.priority and item.stamp are set, and change only upwards (as a pair) until erase(), or with a call of lowered().
  void push(Item& item);
  // The item with the lowest (priority, stamp); null when the heap is empty.
  Item* lowest();
  // `item`'s score may have fallen.
  void lowered(Item& item);
  // REQUIRES: `item` is in.
  void erase(Item& item);

 private:
  struct Node {
    double priority;
    std::uint64_t stamp;
    Item* item;

    bool operator<(const Node& other) const {
      return priority != other.priority ? priority < other.priority : stamp < other.stamp;
    }
  };

  static Node node_of(Item& item) { return {item.priority, item.stamp, &item}; }
  void place(std::size_t at, const Node& node);
  void sift_up(std::size_t at, const Node& node);
  void sift_down(std::size_t at, const Node& node);

  std::vector<Node> nodes_;
};

}  // namespace fovea
