// PurgeIndex: which entries a tenant stored, and which of them were made from an image.
//
// A tier on another machine cannot be walked, so what is to be removed is known beforehand. Not thread-safe.
// Entries that were evicted stay in the index until drop_if() is called.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "fovea/key.h"

namespace fovea {

class PurgeIndex {
 public:
  // What an entry of the index takes in memory, at most: its node, its places in the two sets, their share of
  // the tables.
  static constexpr std::uint64_t bytes_of(std::size_t images) { return 256 + 192 * images; }

  struct Labels {
    Key tenant;
    std::vector<Key> images;
  };

  // In place of any other entry of `key`.
  void add(const Key& key, const Key& tenant, std::span<const Key> images);
  void remove(const Key& key);

  // The entries that `tenant` stored, or those of one image, in no order.
  std::vector<Key> of(const Key& tenant) const;
  std::vector<Key> of(const Key& tenant, const Key& image) const;
  std::vector<Key> all() const;

  // The labels of `key`, until it is added again or removed; null where it is not known.
  const Labels* labels_of(const Key& key) const;

  std::size_t size() const { return entries_.size(); }

  // Removes the entries whose key `gone` says yes to.
  template <typename Gone>
  void drop_if(const Gone& gone) {
    std::vector<Key> keys;
    for (const auto& [key, labels] : entries_) {
      if (gone(key)) keys.push_back(key);
    }
    for (const Key& key : keys) remove(key);
  }

 private:
  using Keys = std::unordered_set<Key, KeyHash>;
  using Groups = std::unordered_map<Key, Keys, KeyHash>;

  static void remove_from(Groups& groups, const Key& group, const Key& key);
  static std::vector<Key> members(const Groups& groups, const Key& group);

  std::unordered_map<Key, Labels, KeyHash> entries_;
  Groups by_tenant_;
  Groups by_image_;  // by tenant and image in one key
};

}  // namespace fovea
