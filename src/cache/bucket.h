// Bucket: one 128th of a level's index, with its locks.
//
// The index changes only under the budget core's lock and all stripes of the bucket together (BucketLock). It
// may be read under any one stripe, or under the budget core's lock. The bucket owns its IndexEntries; the
// entries that they point to belong to the BudgetCore.
#pragma once

#include <bit>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <memory>

#include "cache/entry.h"
#include "cache/stripe.h"

namespace fovea {

// An entry as the index holds it: one cache line with the whole key. A hit reads this line and the value's
// line, and nothing else.
struct alignas(64) IndexEntry {
  Key key;
  std::shared_ptr<HeldValue> held;
  Entry* entry;
  mutable bool plain;  // the entry neither expires nor has copies, so a hit need not read it
};

class Bucket {
 public:
  Bucket() : stripes_(std::make_unique<Stripe[]>(stripe_count)) {}

  Stripe& stripe(std::size_t number) { return stripes_[number]; }

  const IndexEntry* find(const Key& key) const {
    const auto found = index_.find(key);
    return found == index_.end() ? nullptr : &*found;
  }
  void link(Entry& entry) { index_.insert({entry.key, entry.held, &entry, entry.expires_ms == never_ms}); }
  void unlink(const Entry& entry) { index_.erase(entry.key); }
  const auto& entries() const { return index_; }

 private:
  // The top bits of a key chose the bucket, so they are equal for all its keys. The table needs varying top
  // bits.
  struct Hash {
    using is_transparent = void;
    using is_avalanching = void;
    std::size_t operator()(const IndexEntry& indexed) const { return (*this)(indexed.key); }
    std::size_t operator()(const Key& key) const { return std::rotl(key.bits(), 7); }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const IndexEntry& a, const IndexEntry& b) const { return a.key == b.key; }
    bool operator()(const Key& key, const IndexEntry& indexed) const { return key == indexed.key; }
    bool operator()(const IndexEntry& indexed, const Key& key) const { return indexed.key == key; }
  };

  std::unique_ptr<Stripe[]> stripes_;
  boost::unordered_flat_set<IndexEntry, Hash, Equal> index_;
};

// Holds every stripe of a bucket for a scope, so that no thread reads the bucket meanwhile.
class BucketLock {
 public:
  explicit BucketLock(Bucket& bucket) : bucket_(bucket) {
    for (std::size_t i = 0; i < stripe_count; ++i) lock(bucket_.stripe(i));
  }
  ~BucketLock() {
    for (std::size_t i = 0; i < stripe_count; ++i) unlock(bucket_.stripe(i));
  }
  BucketLock(const BucketLock&) = delete;
  BucketLock& operator=(const BucketLock&) = delete;

 private:
  // The thread-safety analysis cannot follow a number of locks that is known only at run time.
  static void lock(Stripe& stripe) FOVEA_THREAD_ANNOTATION(no_thread_safety_analysis) { stripe.mutex.lock(); }
  static void unlock(Stripe& stripe) FOVEA_THREAD_ANNOTATION(no_thread_safety_analysis) { stripe.mutex.unlock(); }

  Bucket& bucket_;
};

}  // namespace fovea
