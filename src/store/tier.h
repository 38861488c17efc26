// Tier: a place outside this process's memory that keeps records: a disk, or a server that others share.
//
// A tier keeps entries: a record under its kind and key, with the labels that purging goes by. It may lose
// any entry at any time. What it gives out it has checked: bytes that are damaged, of another key or kind, or
// whose labels were purged since, are a miss, are counted, and are removed. Whose scope it is, the store
// checks. Thread-safe. A call may block, so none is made under a lock.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/blob.h"
#include "fovea/key.h"
#include "fovea/result.h"
#include "store/record.h"
#include "store/wait_limits.h"

namespace fovea {

// What a tier is given, and gives back.
struct TierEntry {
  Key key;
  Key tenant;               // who stored it (tenant_label)
  std::vector<Key> images;  // the image keys it was made from; entry_images_max at most
  Blob record;              // encode_record's bytes
  // Of an entry that is being inserted: set once it is purged or erased, before the tier is told. A tier
  // looks when it knows the generations that it is about to store. So a purge is seen here, or makes those
  // old.
  const std::atomic<bool>* withdrawn = nullptr;

  bool is_withdrawn() const { return withdrawn != nullptr && *withdrawn; }
};

// Entries made from more images are not kept in tiers: their labels would take more than their value.
constexpr std::size_t entry_images_max = 1024;

// An entry that was found, and its record, which was checked whole.
struct TierHit {
  TierEntry entry;
  Record record;
};

// What a tier holds of one kind of record.
struct TierContent {
  std::uint64_t entries = 0;    // about
  std::uint64_t bytes = 0;      // as stored, with what the tier adds
  std::uint64_t bytes_max = 0;  // 0 = others decide (a server's own limit)
};

struct PurgeLabel;  // purge_label.h
class PurgeLog;     // purge_log.h

class Tier {
 public:
  virtual ~Tier() = default;

  virtual TierKind kind() const = 0;

  // The entries of `keys`, in order, in one round trip; nullopt where there is none.
  // Faults: unavailable; timed_out, by the deadline of `limits`; cancelled.
  virtual Result<std::vector<std::optional<TierHit>>> find_many(RecordKind kind, std::span<const Key> keys,
                                                                const WaitLimits& limits) = 0;

  struct Last {
    std::size_t index;  // into the keys
    TierHit hit;
  };
  // The entry of the last key of `keys` that has one; the values of the others are not read. Faults: as
  // above.
  virtual Result<std::optional<Last>> find_last(RecordKind kind, std::span<const Key> keys,
                                                const WaitLimits& limits) = 0;

  // Keeps `entry` in place of any other of its key, unless it is withdrawn. REQUIRES: its record is of
  // `kind`. Faults: unavailable, timed_out, after a wait that the tier bounds itself.
  virtual Result<void> insert(RecordKind kind, const TierEntry& entry) = 0;

  // Removes the entries of `keys`. Faults: as insert.
  virtual Result<void> erase(RecordKind kind, std::span<const Key> keys) = 0;

  // Removes the entries of `keys`, of which a caller's look-up found out that they are of no use, if that is
  // done within `limits`. What stays is found and doubted again.
  virtual void drop(RecordKind /*kind*/, std::span<const Key> /*keys*/, const WaitLimits& /*limits*/) {}

  // From its return on, nothing is found that `tenant` stored before the call, or that was made from one
  // image, by any process and after any crash. Faults: as insert; then it has to be tried again.
  Result<void> purge(const Key& tenant);
  Result<void> purge(const Key& tenant, const Key& image);
  // The same for all of `labels`, in as few steps as the tier can.
  virtual Result<void> purge_labels(std::span<const PurgeLabel> labels) = 0;

  // What processes purge from a tier that they share; null where it is not shared.
  virtual PurgeLog* purge_log() { return nullptr; }
  // How far such a log was followed: a tier that outlives the process remembers the position, so that a
  // process that was down goes on from there. "" = never, or it is no such tier. Faults: as insert.
  virtual std::string purges_followed() const { return {}; }
  virtual Result<void> note_purges_followed(std::string_view /*position*/) { return {}; }

  struct KeyPage {
    std::vector<Key> keys;
    std::string next;  // where the next page begins; empty = this is the last one
  };
  // Some of the keys of `kind`, in no order, from where the page before said, or "" for the first. For
  // looking through a tier; what is stored or removed meanwhile may be there or not, and a key may come
  // twice. Faults: as find_many; invalid, for a place that no page named.
  virtual Result<KeyPage> keys(RecordKind kind, std::string_view from, const WaitLimits& limits) = 0;

  // Leases say to those who share a tier "I compute this now". A lease is a hint and no lock: it ends by
  // itself after `time`. Whether the lease of `key` is this process's now; false while anybody has it. A tier
  // that is not shared gives every lease. Faults: as find_many.
  virtual Result<bool> acquire_lease(const Key& /*key*/, std::chrono::milliseconds /*time*/) { return true; }
  // Ends the lease of `key`, if it is this process's. Where that fails, it ends by itself.
  virtual void release_lease(const Key& /*key*/) {}

  virtual TierContent content(RecordKind kind) const = 0;
  // Entries that were found and not believed, by RecordFault.
  virtual std::array<std::uint64_t, record_faults> doubtful() const = 0;
};

}  // namespace fovea
