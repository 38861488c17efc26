// AccessLog: the hits that a policy has not been told of yet.
//
// A hit must not wait for the policy's lock, so it leaves a note in the ring of its thread's stripe; whoever holds the budget core's
// lock reads the notes, in order, before the policy decides anything. On one thread the policy thus sees every hit in its
// place, as long as no more than a ring of them come between two decisions. Decisions follow milliseconds of compute, so more
// is a flood of hits, in which the latest ones say enough: they overwrite the oldest. (Caffeine's read buffers
// drop the newest instead.)
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

  // Notes a hit on `entry`. True when so many came since the last reading that the policy should hear of some. REQUIRES: the
  // caller holds a stripe lock of the entry's bucket, so that an entry taken off its index cannot be noted any more.
  bool note(std::size_t stripe, Entry& entry) {
    Ring& ring = rings_[stripe];
    if (ring.busy.exchange(true, std::memory_order_acquire)) return false;  // one note less, and nobody waits
    ring.notes[ring.tail++ % ring_size] = &entry;
    const bool flood = ring.tail - ring.head >= flood_size;
    ring.busy.store(false, std::memory_order_release);
    return flood;
  }

  // Hands the notes of one stripe to `visit(Entry&)`, oldest first. False if a hit was just being noted; then none was read.
  // REQUIRES: the budget core's lock.
  template <typename Visit>
  bool read(std::size_t stripe, Visit&& visit) {
    Ring& ring = rings_[stripe];
    if (ring.busy.exchange(true, std::memory_order_acquire)) return false;
    const std::uint64_t oldest = ring.tail - std::min<std::uint64_t>(ring.tail - ring.head, ring_size);
    for (std::uint64_t at = oldest; at != ring.tail; ++at) {
      if (ring.tail - at > prefetch_distance) prefetch(*ring.notes[(at + prefetch_distance) % ring_size]);
      visit(*ring.notes[at % ring_size]);
    }
    ring.head = ring.tail;
    ring.busy.store(false, std::memory_order_release);
    return true;
  }

 private:
  static constexpr std::uint64_t ring_size = 1024;             // a fraction of a millisecond to read
  static constexpr std::uint64_t flood_size = 64 * ring_size;  // without a decision: then one hit in 64 is told
  static constexpr std::uint64_t prefetch_distance = 8;

  struct Ring {
    alignas(64) std::atomic<bool> busy = false;  // guards the rest; held for some nanoseconds by a hit
    std::uint64_t tail = 0;
    std::uint64_t head = 0;  // notes before it have been read
    std::array<Entry*, ring_size> notes{};
  };

  // The policy will write to the entry; asking for its lines beforehand hides most of the wait for memory.
  static void prefetch(const Entry& entry) {
    const auto* lines = reinterpret_cast<const char*>(&entry);
    __builtin_prefetch(lines, 1);
    __builtin_prefetch(lines + 64, 1);
  }

  std::unique_ptr<Ring[]> rings_;
};

}  // namespace fovea
