// LruPolicy evicts as a plain list in order of use does.
#include <gtest/gtest.h>

#include <list>

#include "cache/policy/eviction_order.h"

namespace fovea {
namespace {

class PlainLru : public PlainAlgorithm {
 public:
  void insert(std::uint32_t key, const ItemFacts&) override { keys_.push_back(key); }
  void hit(std::uint32_t key) override {
    keys_.remove(key);
    keys_.push_back(key);
  }
  void erase(std::uint32_t key) override { keys_.remove(key); }
  std::uint32_t evict() override {
    const std::uint32_t key = keys_.front();
    keys_.pop_front();
    return key;
  }

 private:
  std::list<std::uint32_t> keys_;  // least recently used first
};

TEST(LruPolicy, EvictsAsTheTextbookDoes) { expect_same_evictions<PlainLru>(PolicyKind::lru); }

}  // namespace
}  // namespace fovea
