// AccessLog: the hits that a policy has not been told of yet.
//
// A hit must not wait for the policy's lock, so it leaves a note in the ring of its thread's stripe; whoever holds the ledger's
// lock reads the notes, in order, before the policy decides anything. On one thread the policy thus sees every hit in its
// place. A full ring drops notes: the policy then knows a little less, the value found is the same. (After the read buffers
// of Caffeine.)
#pragma once

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

  // Notes a hit on `entry`. True when the ring is half full and should be read soon. REQUIRES: the caller holds a stripe lock
  // of the entry's bucket, so that an entry taken off its shelf cannot be noted any more.
  bool note(std::size_t stripe, Entry& entry) {
    Ring& ring = rings_[stripe];
    std::uint32_t tail = ring.tail.load(std::memory_order_relaxed);
    do {
      if (tail - ring.head.load(std::memory_order_acquire) >= ring_size) return true;
    } while (!ring.tail.compare_exchange_weak(tail, tail + 1, std::memory_order_acq_rel, std::memory_order_relaxed));
    ring.notes[tail % ring_size].store(&entry, std::memory_order_release);
    return tail - ring.head.load(std::memory_order_relaxed) >= ring_size / 2;
  }

  // Hands the notes of one stripe to `visit(Entry&)`, oldest first. False if a note was just being written and had to be left, with
  // those behind it. REQUIRES: the ledger's lock.
  template <typename Visit>
  bool read(std::size_t stripe, Visit&& visit) {
    Ring& ring = rings_[stripe];
    std::uint32_t head = ring.head.load(std::memory_order_relaxed);
    const std::uint32_t tail = ring.tail.load(std::memory_order_acquire);
    for (std::uint32_t ahead = head; ahead != tail; ++ahead) prefetch_entry(ring.notes[ahead % ring_size]);
    for (std::uint32_t ahead = head; ahead != tail; ++ahead) prefetch_neighbours(ring.notes[ahead % ring_size]);
    for (; head != tail; ++head) {
      std::atomic<Entry*>& note = ring.notes[head % ring_size];
      Entry* entry = note.load(std::memory_order_acquire);
      if (entry == nullptr) break;
      note.store(nullptr, std::memory_order_relaxed);
      visit(*entry);
    }
    ring.head.store(head, std::memory_order_release);
    return head == tail;
  }

 private:
  // Large enough that reading a ring is rare and worth a batch, small enough that a policy is never far behind.
  static constexpr std::uint32_t ring_size = 128;

  struct Ring {
    alignas(64) std::atomic<std::uint32_t> tail = 0;
    std::atomic<std::uint32_t> head = 0;
    alignas(64) std::array<std::atomic<Entry*>, ring_size> notes{};
  };

  // The policy will write to the entries, and to those beside them in its queues. Asking for all of a ring's lines before the first
  // is needed hides most of the wait for memory: two fifths of a hit's time with a million entries.
  static void prefetch_entry(const std::atomic<Entry*>& note) {
    if (const Entry* entry = note.load(std::memory_order_relaxed)) {
      const auto* lines = reinterpret_cast<const char*>(entry);
      __builtin_prefetch(lines, 1);
      __builtin_prefetch(lines + 64, 1);
    }
  }
  static void prefetch_neighbours(const std::atomic<Entry*>& note) {
    if (Entry* entry = note.load(std::memory_order_relaxed)) {
      const auto node = ItemList::value_traits::to_node_ptr(*entry);
      __builtin_prefetch(node->next_, 1);
      __builtin_prefetch(node->prev_, 1);
    }
  }

  std::unique_ptr<Ring[]> rings_;
};

}  // namespace fovea
