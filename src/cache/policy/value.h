// ValuePolicy: keeps what saves most time per byte, by learning what predicts a hit. The default.
//
// The worth of an entry is (cost / size) x (the chance that it is asked for soon). The first factor is a fact of the entry;
// the second is learned while the cache runs (ReuseOdds), by level, uses, age and importance, from everything that was asked for,
// kept or not (Acquaintances). The entry of least worth leaves; a newcomer worth less than that is not stored. So the policy
// behaves as recency, frequency or "first come, first kept" do where these are right: bursts, stable popularity, loops.
//
// Time is the count of calls and nothing is random: equal calls give equal choices. A hit costs two table updates and a change of
// queue; a choice looks at the oldest entry of each queue that is not empty. Some 300 KiB, and 60 B an acquaintance.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "cache/policy.h"
#include "cache/policy/acquaintances.h"
#include "cache/policy/reuse_odds.h"

namespace fovea {

class ValuePolicy : public Policy {
 public:
  ValuePolicy();

  void inserted(Item& item) override;
  void hit(Item& item) override;
  Item* victim(const Item* incoming) override;
  void removed(Item& item, Departure why) override;
  void declined(const Item& incoming) override;
  void importance_changed(Item& item) override;

 private:
  using Slot = Acquaintances::Slot;
  static constexpr std::uint32_t octaves = 64;  // of cost / size: 2^-40 to 2^23 ms a byte, the ends all beyond
  static constexpr std::uint32_t queue_count = ReuseOdds::kinds * octaves;

  Slot met(const Item& item);  // the newcomer's acquaintance, its asking counted
  void used(Slot slot, const Item& item);
  void settle(Acquaintance& one);  // counts its waiting up to now
  void pass_time();
  void count_waiting();
  void enqueue(Item& item);
  void dequeue(Item& item);
  double worth(std::uint32_t kind, std::uint64_t last_use, double density) const {
    return density * odds_.worth(kind, now_ - last_use);
  }

  ReuseOdds odds_;
  Acquaintances known_;
  // What a choice reads of a queue, kept apart from the items so that it reads little.
  struct Oldest {
    std::uint64_t last_use;
    double density;
  };
  void front_changed(std::uint32_t queue);

  std::vector<ItemList> queues_;  // by kind and octave of cost / size; least recently used first
  std::vector<Oldest> oldest_;    // of each queue that is not empty
  std::array<std::uint64_t, queue_count / 64> filled_{};  // a bit for each queue that is not empty
  std::uint64_t now_ = 0;                                 // calls that asked for something
  std::uint64_t learn_at_, fade_at_;
  std::optional<Slot> newcomer_;  // asked to be let in and not answered yet
  Slot count_next_ = 0;           // where counting of waiting goes on
};

}  // namespace fovea
