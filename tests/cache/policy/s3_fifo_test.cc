// S3FifoPolicy evicts as the paper's algorithm does.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <list>

#include "cache/policies.h"
#include "cache/policy/eviction_order.h"
#include "cache/policy/policy_harness.h"

namespace fovea {
namespace {

// Algorithm 1 of the paper, by bytes instead of objects.
class PlainS3Fifo : public PlainAlgorithm {
 public:
  void resize(std::uint64_t bytes_max) override { bytes_max_ = bytes_max; }
  void insert(std::uint32_t key, const ItemFacts& facts) override {
    const auto ghost = std::ranges::find(ghosts_, static_cast<std::int64_t>(key));
    std::list<Entry>& queue = ghost == ghosts_.end() ? small_ : main_;
    if (ghost != ghosts_.end()) *ghost = came_back;
    queue.push_back({.key = key, .size = facts.size, .frequency = 0});
  }
  void hit(std::uint32_t key) override {
    for (std::list<Entry>* queue : {&small_, &main_})
      for (Entry& entry : *queue)
        if (entry.key == key) entry.frequency = std::min(entry.frequency + 1, 3);
  }
  void erase(std::uint32_t key) override {
    for (std::list<Entry>* queue : {&small_, &main_})
      queue->remove_if([&](const Entry& entry) { return entry.key == key; });
  }
  std::uint32_t evict() override {
    for (;;) {
      const bool from_small = !small_.empty() && (small_bytes() >= bytes_max_ / 10 || main_.empty());
      const std::size_t held = small_.size() + main_.size();
      std::list<Entry>& queue = from_small ? small_ : main_;
      Entry oldest = queue.front();
      queue.pop_front();
      if (from_small && oldest.frequency > 1) {
        oldest.frequency = 0;
        main_.push_back(oldest);
      } else if (!from_small && oldest.frequency > 0) {
        --oldest.frequency;
        main_.push_back(oldest);
      } else {
        if (from_small) remember(oldest.key, held * 9 / 10);
        return oldest.key;
      }
    }
  }

 private:
  struct Entry {
    std::uint32_t key;
    std::uint64_t size;
    int frequency;
  };
  static constexpr std::int64_t came_back = -1;  // its place in the queue of ghosts is not reused

  std::uint64_t small_bytes() const {
    std::uint64_t bytes = 0;
    for (const Entry& entry : small_) bytes += entry.size;
    return bytes;
  }
  void remember(std::uint32_t key, std::size_t ghosts_max) {
    ghosts_.push_back(key);
    while (ghosts_.size() > ghosts_max) ghosts_.pop_front();
  }

  std::list<Entry> small_;
  std::list<Entry> main_;
  std::deque<std::int64_t> ghosts_;
  std::uint64_t bytes_max_ = 0;
};

TEST(S3FifoPolicy, EvictsAsThePaperDoes) { expect_same_evictions<PlainS3Fifo>(PolicyKind::s3_fifo); }

TEST(S3FifoPolicy, AScanPassesThroughTheSmallQueueOnly) {
  PolicyHarness harness(make_policy(PolicyKind::s3_fifo), 100,
                        std::vector<ItemFacts>(10'000, {.size = 1, .cost_ms = 1}));
  for (int round = 0; round < 4; ++round)
    for (std::uint32_t key = 0; key < 80; ++key) harness.request(key);
  for (std::uint32_t key = 80; key < 10'000; ++key) harness.request(key);
  for (std::uint32_t key = 0; key < 80; ++key) EXPECT_TRUE(harness.request(key));
}

TEST(S3FifoPolicy, ALoopLongerThanTheSmallQueueIsNoticed) {
  PolicyHarness harness(make_policy(PolicyKind::s3_fifo), 100, std::vector<ItemFacts>(120, {.size = 1, .cost_ms = 1}));
  int hits = 0;
  for (int round = 0; round < 50; ++round)
    for (std::uint32_t key = 0; key < 120; ++key) hits += harness.request(key) ? 1 : 0;
  EXPECT_GT(hits, 1000) << "lru would have none";
}

}  // namespace
}  // namespace fovea
