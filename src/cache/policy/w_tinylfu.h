// WTinyLfuPolicy: a small window for newcomers, and admission to the rest by frequency.
//
// W-TinyLFU (Einziger, Friedman, Manes, ACM Transactions on Storage 2017). One percent of the bytes is an LRU
// window. The rest, main, is a segmented LRU; its protected segment has four fifths of main. An entry that
// drops out of the window must be more frequent than what it would displace, or it is evicted itself. Entries
// differ in size, so its rival is all the entries whose bytes it needs, taken together (the aggregated
// victims of Einziger et al., "Lightweight robust size aware cache management", 2021). An entry larger than
// the window goes to that contest at once and is declined when it loses; its requests are counted all the
// same. Not thread-safe.
#pragma once

#include <cstdint>

#include "cache/policy.h"
#include "cache/policy/frequency_sketch.h"

namespace fovea {

class WTinyLfuPolicy : public Policy {
 public:
  void inserted(Item& item) override;
  void hit(Item& item) override;
  Item* victim(const Item* incoming) override;
  void removed(Item& item, RemovalCause why) override;
  void declined(const Item& incoming) override;
  void resized(std::uint64_t bytes_max) override;

 private:
  enum Segment : std::uint8_t { in_probation, in_protected, in_window };

  // Least recently used first.
  struct Queue {
    ItemList items;
    std::uint64_t bytes = 0;
    std::uint64_t bytes_max = 0;
  };

  void put(Item& item, Segment segment);
  void take(Item& item);
  void move(Item& item, Segment segment);
  Item* coldest();
  Item* victim_for_window(std::uint64_t size);
  std::uint64_t main_excess(std::uint64_t size) const;
  bool wins(unsigned frequency, std::uint64_t bytes, Segment last_rivals) const;

  Queue queues_[3];  // by Segment, in the order in which victims are taken
  FrequencySketch sketch_;
  std::uint64_t bytes_max_ = 0;
  const Item* admitted_ = nullptr;  // the newcomer that won its contest and for which room is being made
};

}  // namespace fovea
