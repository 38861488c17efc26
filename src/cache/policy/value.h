// ValuePolicy: keeps the entries that save most time per byte, by learning what predicts a hit. The default
// policy.
//
// The worth of an entry is (cost / size) x (the chance that it is requested soon). The first factor is known.
// The second is learned while the cache runs (ReuseOdds), by level, uses, age and importance, from every
// request, cached or not (ReuseHistory). The victim is the entry of least worth. A newcomer worth less than
// that is not stored. So the policy behaves as recency, frequency or "first come, first kept" do where these
// are right: bursts, stable popularity, loops.
//
// Time is the count of calls and nothing is random, so equal calls give equal choices. A hit costs two table
// updates and a change of queue. A choice compares the oldest entry of each queue that is not empty. Some 300
// KiB, and 60 B for each remembered key. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "cache/policy.h"
#include "cache/policy/reuse_history.h"
#include "cache/policy/reuse_memory.h"
#include "cache/policy/reuse_odds.h"

namespace fovea {

class ValuePolicy : public Policy {
 public:
  ValuePolicy();

  void inserted(Item& item) override;
  void hit(Item& item) override;
  Item* victim(const Item* incoming) override;
  void removed(Item& item, RemovalCause why) override;
  void declined(const Item& incoming) override;
  void importance_changed(Item& item) override;

  // What it has learnt, with the last uses of `uses_max` keys. Counts all waiting so far: some 20 ns for each
  // remembered key.
  ReuseMemory learnt(std::size_t uses_max);
  // Goes on where another policy was. False, and nothing is changed, where `memory` is none.
  // REQUIRES: it was told of nothing yet; no more uses than ReuseHistory::ghosts_min.
  bool recall(const ReuseMemory& memory);
  // `item` was stored before this policy was made, so this is no request of it. Items come in the order of
  // their last uses.
  void restored(Item& item);

 private:
  using Index = ReuseHistory::Index;
  static constexpr std::uint32_t octaves = 64;  // of cost / size: 2^-40 to 2^23 ms a byte and beyond
  static constexpr std::uint32_t queue_count = ReuseOdds::kinds * octaves;

  Index count_request(const Item& item);  // counts the request for a newcomer; its record
  void count_use(Index index, const Item& item);
  void count_waiting(KeyRecord& record);  // up to now
  void advance_time();
  void count_all_waiting();
  void enqueue(Item& item);
  void dequeue(Item& item);
  double worth(std::uint32_t kind, std::uint64_t last_use, double density) const {
    return density * odds_.worth(kind, now_ - last_use);
  }

  ReuseOdds odds_;
  ReuseHistory history_;
  // What a choice reads of a queue. It is kept apart from the items, so that a choice reads little memory.
  struct Oldest {
    std::uint64_t last_use;
    double density;
  };
  void front_changed(std::uint32_t queue);

  std::vector<ItemList> queues_;  // by kind and octave of cost / size; least recently used first
  std::vector<Oldest> oldest_;    // of each queue that is not empty
  std::array<std::uint64_t, queue_count / 64> filled_{};  // a bit for each queue that is not empty
  std::uint64_t now_ = 0;                                 // requests so far
  std::uint64_t learn_at_, fade_at_;
  std::optional<Index> newcomer_;  // counted, and neither inserted nor declined yet
  Index count_next_ = 0;           // where count_all_waiting() continues
};

}  // namespace fovea
