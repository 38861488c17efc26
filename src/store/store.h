// Store: where the records of one level lie. Memory today; tiers behind it when there are any.
//
// The pipeline speaks to stores and never to a Level or a tier, so that where a record lies is decided in one
// room. A store believes nothing but records (record.h): what is of another kind or scope than was looked for
// is a miss. Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "fovea/blob.h"
#include "fovea/key.h"
#include "fovea/level_stats.h"
#include "store/record.h"
#include "store/wait_limits.h"

namespace fovea {

// What purging goes by.
struct PurgeLabels {
  Key tenant;                   // who stored it (tenant_label)
  std::span<const Key> images;  // the image keys it was made from, those of RecordHeader::unnamed_images() last
};

class Store {
 public:
  virtual ~Store() = default;

  // The record stored under `key` for `scope`; nullopt on a miss. Counted.
  virtual std::optional<Record> find(const Key& key, const Key& scope, const WaitLimits& limits = {}) = 0;

  struct Longest {
    std::size_t index;  // into the keys
    Record record;
  };
  // The record of the last key of `keys` that has one: with a prompt's prefix hashes, the longest stored
  // prefix, in one round trip. Counted as one look-up; a miss is one of keys[*expected], where a record would
  // have been stored, or of none.
  // REQUIRES: expected is below keys.size().
  virtual std::optional<Longest> find_longest(std::span<const Key> keys, std::optional<std::size_t> expected,
                                              const Key& scope, const WaitLimits& limits = {}) = 0;

  // The records of all of `keys`, in order, in one round trip. Each is counted.
  virtual std::vector<std::optional<Record>> find_many(std::span<const Key> keys, const Key& scope,
                                                       const WaitLimits& limits = {}) = 0;

  // Brings to memory what tiers have of `keys`, for a request to come: no look-up of memory is counted. The
  // result is how many bytes came for each key; 0 where memory had it already, where no tier has it, and
  // where memory does not take it.
  virtual std::vector<std::uint64_t> prefetch(std::span<const Key> keys, const Key& /*scope*/,
                                              const WaitLimits& /*limits*/ = {}) {
    return std::vector<std::uint64_t>(keys.size());
  }
  // How long finding so many records in the nearest tier is likely to take; 0 where there is none, and before
  // the size of such records is known.
  virtual double fetch_ms(std::size_t /*records*/) const { return 0; }

  // Whether memory has a record of `key`. Not counted, and waits for nothing.
  virtual bool contains(const Key& key) const = 0;

  // Stores `record` (encode_record's bytes, shared and not copied) in place of any other of `key`; false
  // where it was not admitted.
  virtual bool insert(const Key& key, const Blob& record, const PurgeLabels& labels) = 0;

  // What another process that shares a tier does about what is missing under a key. Neither: it is this
  // process's to compute.
  struct LeaseAnswer {
    std::optional<Record> record;                   // it has made the record meanwhile
    std::optional<std::chrono::milliseconds> wait;  // it makes it now: wait so long at most
  };
  // Asks the others to leave what is missing under `key` to this process. An insertion under `key` ends the
  // lease; where none comes, release_lease does.
  virtual LeaseAnswer acquire_lease(const Key& /*key*/, const Key& /*scope*/) { return {}; }
  virtual void release_lease(const Key& /*key*/) {}

  // The importance of the record of `key` now, [0, 1]; nullopt where memory has none.
  virtual std::optional<float> importance(const Key& key) const = 0;

  // Removes what `tenant` stored, all of it or what was made from one image. By index: no record is read for
  // it. The result is how many went.
  virtual std::size_t purge(const Key& tenant) = 0;
  virtual std::size_t purge(const Key& tenant, const Key& image) = 0;
  // The records that `tenant` stored of `image`, by the same index.
  virtual std::vector<Record> records_of(const Key& tenant, const Key& image) = 0;
  // Removes the records of `keys`; how many there were.
  virtual std::size_t erase(std::span<const Key> keys) = 0;

  virtual LevelStats stats() const = 0;
};

}  // namespace fovea
