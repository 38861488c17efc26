// PictureTable: what memory holds of each picture, by level and scope, from the entries that were made from
// it.
//
// Not thread-safe. It takes some 400 bytes for an entry of one picture, and at most 260 more for each further
// one. The levels charge about as much for the least entry, so their budgets bound it too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <vector>

#include "store/events/picture_event.h"

namespace fovea {

// An entry, as far as it matters here.
struct EntryFacts {
  RecordKind kind = RecordKind::embedding;
  Key scope;
  Key tenant;                   // tenant_label
  std::span<const Key> images;  // image keys; one may be there twice
  double cost_ms = 0;
  std::uint64_t bytes = 0;  // of the record
};

class PictureTable {
 public:
  bool contains(const Key& entry) const { return entries_.contains(entry); }

  // What is held then of each of the entry's pictures. REQUIRES: not contains(entry).
  std::vector<PictureHolding> add(const Key& entry, const EntryFacts& facts);
  // The same once the entry has gone; nothing where it is not known.
  std::vector<PictureHolding> remove(const Key& entry);

  // Nothing is held.
  void clear() noexcept;

  // What is held of the pictures behind `after`, or from the first one on, in the order of their keys;
  // `count` at most.
  std::vector<PictureHolding> page(const std::optional<PictureKey>& after, std::size_t count) const;

 private:
  struct Picture {
    Key tenant;
    std::uint64_t bytes = 0, sum_us = 0;
    std::multiset<std::uint64_t> costs_us;  // of the entries
  };
  using Pictures = std::map<PictureKey, Picture>;
  struct Entry {
    std::vector<Pictures::iterator> pictures;
    std::uint64_t cost_us, bytes;
  };

  static PictureHolding holding_of(const PictureKey& key, const Picture& picture);

  Pictures pictures_;  // those that something is held of
  std::unordered_map<Key, Entry, KeyHash> entries_;
};

}  // namespace fovea
