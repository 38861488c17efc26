// SievePolicy evicts as the paper's algorithm does.
#include <gtest/gtest.h>

#include <algorithm>
#include <list>

#include "cache/policies.h"
#include "cache/policy/eviction_order.h"
#include "cache/policy/policy_harness.h"

namespace fovea {
namespace {

// Algorithm 1 of the paper: the head is the newest, the hand moves from the tail to the head.
class PlainSieve : public PlainAlgorithm {
 public:
  void insert(std::uint32_t key, const ItemFacts&) override { queue_.push_front({.key = key, .visited = false}); }
  void hit(std::uint32_t key) override { place_of(key)->visited = true; }
  void erase(std::uint32_t key) override { remove(place_of(key)); }
  std::uint32_t evict() override {
    Place place = has_hand_ ? hand_ : std::prev(queue_.end());
    while (place->visited) {
      place->visited = false;
      place = place == queue_.begin() ? std::prev(queue_.end()) : std::prev(place);
    }
    has_hand_ = true;
    hand_ = place;
    const std::uint32_t key = place->key;
    remove(place);
    return key;
  }

 private:
  struct Entry {
    std::uint32_t key;
    bool visited;
  };
  using Place = std::list<Entry>::iterator;

  Place place_of(std::uint32_t key) { return std::ranges::find(queue_, key, &Entry::key); }
  void remove(Place place) {
    if (has_hand_ && hand_ == place) {
      has_hand_ = place != queue_.begin();
      if (has_hand_) hand_ = std::prev(place);
    }
    queue_.erase(place);
  }

  std::list<Entry> queue_;
  Place hand_;
  bool has_hand_ = false;
};

TEST(SievePolicy, EvictsAsThePaperDoes) { expect_same_evictions<PlainSieve>(PolicyKind::sieve); }

TEST(SievePolicy, SparesWhatWasHitAndStaysWhereItStopped) {
  PolicyHarness harness(make_policy(PolicyKind::sieve), 4, std::vector<ItemFacts>(8, {.size = 1, .cost_ms = 1}));
  for (const std::uint32_t key : {0U, 1U, 2U, 3U, 0U, 1U}) harness.request(key);
  harness.request(4);  // passes 0 and 1, evicts 2
  harness.request(5);  // continues with 3
  harness.request(6);  // 4, since 0 and 1 lie behind the hand
  EXPECT_EQ(harness.evicted(), (std::vector<std::uint32_t>{2, 3, 4}));
}

}  // namespace
}  // namespace fovea
