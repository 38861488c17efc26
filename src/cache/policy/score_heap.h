// ScoreHeap: items ordered by (priority, stamp), the lowest on top, for policies whose scores mostly rise.
//
// A rise costs nothing. The caller writes the item's new priority and stamp. The heap learns of it when the
// item, still filed under its old score, reaches the top. The order is the same as with filing at once: the
// score that an item is filed under is never above its real score, so an item on top with its real score is
// the lowest of all. Eight children a node: half the levels of four, and the children of a node lie in three
// or four cache lines. The caller owns the items. Not thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "cache/item.h"

namespace fovea {

class ScoreHeap {
 public:
  // Adds `item`. REQUIRES: item.priority and item.stamp are set. Until erase() they only rise (as a pair), or
  // lowered() is called.
  void push(Item& item);
  // The item with the lowest (priority, stamp); null when the heap is empty.
  Item* lowest();
  // The score of `item` may have fallen.
  void lowered(Item& item);
  // Removes `item`. REQUIRES: it was pushed.
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
