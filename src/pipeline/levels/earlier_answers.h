// EarlierAnswers: what the last answers about the same images said, as tokens, for the next answer to be
// drafted from (Slot::draft_from).
//
// It lives in memory only, is bounded, and drops what nobody asked about for longest. Entries never cross
// scopes, so neither what an answer is nor when it comes tells one scope of another. Thread-safe.
#pragma once

#include <cstdint>
#include <list>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "fovea/key.h"
#include "pipeline/levels/scope.h"
#include "store/purge_label.h"

namespace fovea {

class EarlierAnswers {
 public:
  // 16 MiB in all.
  static constexpr std::size_t groups_max = 512;   // of images that were asked about together
  static constexpr std::size_t answers_max = 8;    // of one group
  static constexpr std::size_t tokens_max = 1024;  // of one answer; the rest is not kept

  // How often something was purged. An answer that began before a purge must not come back behind it.
  std::uint64_t purges() const;
  // `made_from`: the images whose purge reaches it. Does nothing without images, for an answer without
  // tokens, or where `purges` is no longer what it is.
  void add(const Scope& scope, std::span<const Key> images, std::span<const Key> made_from,
           std::vector<std::int32_t> tokens, std::uint64_t purges);
  // The newest first.
  std::vector<std::vector<std::int32_t>> find(const Scope& scope, std::span<const Key> images);
  void purge(const PurgeLabel& label);

 private:
  struct Said {
    Key tenant;
    std::vector<Key> made_from;
    std::vector<std::int32_t> tokens;
  };
  struct Group {
    Key key;
    std::vector<Said> answers;  // the newest first
  };
  using Groups = std::list<Group>;  // the one asked about last first

  Group* find_group(const Key& key) FOVEA_REQUIRES(mutex_);
  void drop(Groups::iterator group) FOVEA_REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::uint64_t purges_ FOVEA_GUARDED_BY(mutex_) = 0;
  Groups groups_ FOVEA_GUARDED_BY(mutex_);
  std::unordered_map<Key, Groups::iterator, KeyHash> by_key_ FOVEA_GUARDED_BY(mutex_);
};

}  // namespace fovea
