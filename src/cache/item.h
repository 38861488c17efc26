// Item: what a policy knows of one cached entry, and room for the notes it keeps about it.
//
// The facts belong to the cache that owns the item and change only between calls of the policy; the notes belong to the
// policy that holds it and mean nothing to anyone else. Keeping notes inside the item means that a policy allocates nothing
// for a hit. Not thread-safe: the owner calls a policy, and changes facts, under one lock.
#pragma once

#include <boost/intrusive/list.hpp>
#include <cstdint>

namespace fovea {

struct Item : boost::intrusive::list_base_hook<> {
  // Facts.
  std::uint64_t id = 0;     // 64 uniform bits of the key, for sketches and ghosts: they may confuse two keys
  std::uint64_t size = 0;   // bytes charged to the budget
  double cost_ms = 0;       // compute that a hit saves
  float importance = 0.5F;  // [0, 1], from the model's attention
  std::uint32_t hits = 0;   // since it came in; counted before Policy::hit
  std::uint8_t level = 0;   // which of the levels that share a budget it lies in

  // Notes of the policy.
  std::uint8_t queue = 0;
  std::uint32_t frequency = 0;
  std::uint32_t heap_index = 0;
  double priority = 0;
  std::uint64_t stamp = 0;
};

// A queue of items; an item is in one at a time.
using ItemList = boost::intrusive::list<Item>;

}  // namespace fovea
