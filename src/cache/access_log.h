// AccessLog: the hits that the policy has not been told of yet.
//
// A hit must not wait for the policy's lock. It writes one record to the ring of its thread's stripe. The
// holder of the budget core's lock reads the records, in order, before the policy decides anything. On one
// thread the policy thus learns of every hit in its place, as long as no more hits than a ring holds come
// between two decisions. Decisions follow milliseconds of compute, so more hits are a flood. In a flood the
// latest hits say enough: they overwrite the oldest. (Caffeine's read buffers drop the newest instead.)
// Thread-safe. The log owns no entry: BudgetCore frees a removed entry after no ring can name it
// (BudgetCore::drain).
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "cache/entry.h"
#include "cache/stripe.h"

namespace fovea {

class AccessLog {
 public:
  AccessLog() : rings_(std::make_unique<Ring[]>(stripe_count)) {}

  // Records a hit on `entry`. True when so many came since the last reading that the policy should learn of
  // some.
  // REQUIRES: the caller holds a stripe lock of the entry's bucket, so that no hit is recorded on an entry
  // that was removed from the index.
  bool record(std::size_t stripe, Entry& entry) {
    Ring& ring = rings_[stripe];
    if (ring.busy.exchange(true, std::memory_order_acquire)) return false;  // one record is lost
    ring.hits[ring.tail++ % ring_size] = &entry;
    const bool flood = ring.tail - ring.head >= flood_size;
    ring.busy.store(false, std::memory_order_release);
    return flood;
  }

  // Calls `visit(Entry&)` for each record of one stripe, oldest first. False if a hit is being recorded at
  // this moment; then none is read. REQUIRES: the budget core's lock.
  template <typename Visit>
  bool read(std::size_t stripe, Visit&& visit) {
    Ring& ring = rings_[stripe];
    if (ring.busy.exchange(true, std::memory_order_acquire)) return false;
    const std::uint64_t oldest = ring.tail - std::min<std::uint64_t>(ring.tail - ring.head, ring_size);
    for (std::uint64_t at = oldest; at != ring.tail; ++at) {
      if (ring.tail - at > prefetch_distance) prefetch(*ring.hits[(at + prefetch_distance) % ring_size]);
      visit(*ring.hits[at % ring_size]);
    }
    ring.head = ring.tail;
    ring.busy.store(false, std::memory_order_release);
    return true;
  }

 private:
  static constexpr std::uint64_t ring_size = 1024;  // a fraction of a millisecond to read
  // So many hits without a decision are a flood. The policy then learns of one hit in 64.
  static constexpr std::uint64_t flood_size = 64 * ring_size;
  static constexpr std::uint64_t prefetch_distance = 8;

  struct Ring {
    alignas(64) std::atomic<bool> busy = false;  // guards the rest; a hit holds it for some nanoseconds
    std::uint64_t tail = 0;
    std::uint64_t head = 0;  // records before it have been read
    std::array<Entry*, ring_size> hits{};
  };

  // The policy will write to the entry. Fetching its lines beforehand hides most of the wait for memory.
  static void prefetch(const Entry& entry) {
    const auto* lines = reinterpret_cast<const char*>(&entry);
    __builtin_prefetch(lines, 1);
    __builtin_prefetch(lines + 64, 1);
  }

  std::unique_ptr<Ring[]> rings_;
};

}  // namespace fovea
