// PlainGreedyDual: GreedyDual as published. Every priority is set at once, and the lowest is found by a scan.
#pragma once

#include <map>
#include <tuple>

#include "cache/policy/eviction_order.h"

namespace fovea {

class PlainGreedyDual : public PlainAlgorithm {
 public:
  void insert(std::uint32_t key, const ItemFacts& facts) override {
    entries_[key] = {.facts = facts, .frequency = 0};
    touch(entries_[key]);
  }
  void hit(std::uint32_t key) override { touch(entries_.at(key)); }
  void erase(std::uint32_t key) override { entries_.erase(key); }
  std::uint32_t evict() override {
    auto lowest = entries_.begin();
    for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
      if (std::tie(entry->second.priority, entry->second.set_at) <
          std::tie(lowest->second.priority, lowest->second.set_at))
        lowest = entry;
    }
    const std::uint32_t key = lowest->first;
    inflation_ = lowest->second.priority;
    entries_.erase(lowest);
    return key;
  }

 protected:
  virtual double worth(const ItemFacts& facts, int frequency) const = 0;
  void change_importance(std::uint32_t key, float importance) {
    Entry& entry = entries_.at(key);
    entry.facts.importance = importance;
    --entry.frequency;  // touch() counts it
    touch(entry);
  }

 private:
  struct Entry {
    ItemFacts facts;
    int frequency = 0;
    double priority = 0;
    int set_at = 0;
  };

  void touch(Entry& entry) {
    ++entry.frequency;
    entry.priority = inflation_ + worth(entry.facts, entry.frequency);
    entry.set_at = ++now_;
  }

  std::map<std::uint32_t, Entry> entries_;
  double inflation_ = 0;
  int now_ = 0;
};

}  // namespace fovea
