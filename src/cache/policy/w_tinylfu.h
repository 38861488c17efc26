// WTinyLfuPolicy: a small window for newcomers, and admission to the rest by how often an entry was asked for.
//
// W-TinyLFU (Einziger, Friedman, Manes, ACM Transactions on Storage 2017): one percent of the bytes is an LRU window, the
// rest a segmented LRU whose protected segment has four fifths of it. What drops out of the window must be more frequent than what it
// would displace, or leaves itself. Entries differ in size, so the rival is all the entries whose bytes it needs, taken together
// (the aggregated victims of Einziger et al., "Lightweight robust size aware cache management", 2021). An entry larger
// than the window goes straight to that contest and is declined when it loses; its requests are counted all the same.
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
  void removed(Item& item, Departure why) override;
  void declined(const Item& incoming) override;
  void resized(std::uint64_t bytes_max) override;

 private:
  enum Place : std::uint8_t { in_probation, in_protected, in_window };

  // The least recently used first.
  struct Queue {
    ItemList items;
    std::uint64_t bytes = 0;
    std::uint64_t bytes_max = 0;
  };

  void put(Item& item, Place place);
  void take(Item& item);
  void move(Item& item, Place place);
  Item* coldest();
  Item* victim_for_window(std::uint64_t size);
  std::uint64_t main_excess(std::uint64_t size) const;
  bool wins(unsigned frequency, std::uint64_t bytes, Place last_rivals) const;

  Queue queues_[3];  // by Place, in the order they give up entries
  FrequencySketch sketch_;
  std::uint64_t bytes_max_ = 0;
  const Item* admitted_ = nullptr;  // the newcomer that won its contest and is still making room
};

}  // namespace fovea
