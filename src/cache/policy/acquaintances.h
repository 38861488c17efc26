// Acquaintances: what ValuePolicy remembers of entries, those that are in and a bounded number of those that left.
//
// Memory of the departed is what tells a rare entry from a popular one that was evicted a moment ago, and lets the policy learn
// of waits longer than an entry survives in the cache. Slots are numbers that stay valid until the acquaintance is
// forgotten. Not thread-safe. Allocates when somebody new is met, never for a use.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <optional>
#include <vector>

namespace fovea {

struct Acquaintance {
  std::uint64_t id = 0;
  std::uint64_t last_use = 0;          // in calls, as below
  std::uint64_t counted = 0;           // up to when its waiting has been counted
  std::uint32_t uses = 0;              // 0 = a free slot
  std::uint32_t older = 0, newer = 0;  // its neighbours among the departed
  std::uint8_t kind = 0;               // ReuseOdds::kind_of
  bool here = false;                   // in the cache; otherwise departed
  bool by_id = false;                  // can be found by its id: of two that share one, only the first
};

class Acquaintances {
 public:
  using Slot = std::uint32_t;

  // DeferredFrees ones that are remembered: as many as entries are in, but at least 65,536 (5 MiB), so that a small cache of large
  // entries learns as well as a large one.
  static constexpr std::size_t departed_min = 65536;

  Acquaintances();

  std::optional<Slot> find(std::uint64_t id) const;
  // A new acquaintance that is not here. REQUIRES: `id` is not known, or by another entry that is here.
  Slot meet(std::uint64_t id);
  // The departed one that must be forgotten before somebody new is met; nullopt if there is room.
  std::optional<Slot> crowded_out() const;
  void purge(Slot slot);

  void came(Slot slot);  // REQUIRES: not here
  void left(Slot slot);  // REQUIRES: here. One that cannot be found by its id is forgotten.

  Acquaintance& operator[](Slot slot) { return slots_[slot]; }
  // Slots are below this number; those with uses == 0 are free.
  std::size_t slots() const { return slots_.size(); }
  std::size_t known() const { return slots_.size() - 1 - free_.size(); }

 private:
  void link(Slot slot);  // as the latest of the departed
  void unlink(Slot slot);

  std::vector<Acquaintance> slots_;  // slot 0 stands for both ends of the ring of the departed
  std::vector<Slot> free_;
  boost::unordered_flat_map<std::uint64_t, Slot> by_id_;
  std::size_t here_ = 0, departed_ = 0;
};

}  // namespace fovea
