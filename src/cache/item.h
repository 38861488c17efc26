// Item: the facts of one cached entry that a policy reads, and fields for the notes that the policy keeps
// about it.
//
// The facts belong to the cache that owns the item. They change only between calls of the policy. The notes
// belong to the policy that holds the item, and no other code reads them. Since the notes are inside the
// item, a policy allocates nothing for a hit. Not thread-safe: the owner calls the policy and changes facts
// under one lock.
#pragma once

#include <boost/intrusive/list.hpp>
#include <cstdint>

namespace fovea {

struct Item : boost::intrusive::list_base_hook<> {
  // Facts.
  std::uint64_t id = 0;     // 64 uniform bits of the key, for sketches and ghosts; two keys may share them
  std::uint64_t size = 0;   // bytes charged to the budget
  double cost_ms = 0;       // compute that a hit saves
  float importance = 0.5F;  // [0, 1], from the model's attention
  std::uint32_t hits = 0;   // since it was inserted; counted before Policy::hit is called
  std::uint8_t level = 0;   // its level, of those that share a budget

  // Notes of the policy.
  std::uint8_t queue = 0;
  std::uint32_t frequency = 0;
  std::uint32_t heap_index = 0;
  double priority = 0;
  std::uint64_t stamp = 0;
};

// A queue of items. An item is in at most one.
using ItemList = boost::intrusive::list<Item>;

}  // namespace fovea
