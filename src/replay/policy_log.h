// PolicyLog: a disk whose files are a log, where a policy in memory decides which values are worth keeping.
//
// The policy has a part of the bytes, and evicts as in a Level. On the disk an evicted value only becomes
// dead bytes. When the files exceed the capacity, one is dropped, after its values that the policy keeps
// were appended again. So the saved compute is that of the policy on its part of the bytes, and the price
// is writes and the bytes that lie dead. The other way, without a policy, is FifoDisk. Not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "cache/exact_cache.h"
#include "fovea/policy_kind.h"
#include "replay/disk_writes.h"
#include "replay/replay_outcome.h"
#include "trace/trace.h"

namespace fovea {

struct PolicyLogRules {
  PolicyKind policy = PolicyKind::value;
  std::uint32_t files = 64;     // a file is closed at this part of the capacity; a larger value has its own file
  double live_share = 0.8;      // the policy's part of the capacity, below 1: the rest is for dead bytes
  bool oldest_dropped = false;  // else the file with the smallest share of live bytes
};

class PolicyLog {
 public:
  // For keys 0 .. `keys` - 1.
  PolicyLog(std::uint64_t bytes_max, std::uint32_t keys, const PolicyLogRules& rules);

  // Whether the value of `key` is there.
  bool find(std::uint32_t key) { return cache_.find(key); }
  // Writes a value that was just computed, unless the policy declines it.
  void store(std::uint32_t key, const ItemFacts& facts);

  std::uint64_t bytes() const { return bytes_; }  // in all files, with what is dead
  const DiskWrites& writes() const { return writes_; }
  std::uint64_t evictions() const { return cache_.evictions(); }

 private:
  struct Record {
    std::uint32_t key;
    std::uint64_t serial;
  };
  struct File {
    std::uint64_t bytes = 0;
    std::vector<Record> records;
  };

  bool live(const Record& record) const {
    return cache_.contains(record.key) && serial_of_[record.key] == record.serial;
  }
  double live_share(const File& file) const;
  void append(std::uint32_t key);
  void drop_one();

  PolicyLogRules rules_;
  ExactCache cache_;
  std::vector<std::uint64_t> size_of_;
  std::vector<std::uint64_t> serial_of_;  // of the newest copy of a key
  std::deque<File> files_;                // the last one is open
  std::uint64_t bytes_max_;
  std::uint64_t bytes_ = 0;
  std::uint64_t serial_ = 0;
  DiskWrites writes_;
};

// What such a disk of `bytes_max` bytes saves on `trace`. Adds to `writes`. REQUIRES: as replay().
ReplayOutcome replay_policy_log(const Trace& trace, const PolicyLogRules& rules, std::uint64_t bytes_max,
                                DiskWrites& writes);

}  // namespace fovea
