// FifoDisk: a disk that appends values to files and drops whole files, the oldest first, as RocksDB's FIFO
// compaction does. Values are only sizes; bytes are exact.
//
// A value that is appended again leaves its old copy behind: dead bytes, which count against the capacity
// until their file is dropped. FifoRules says when a value is appended again, and which file is dropped.
// The other way, where a policy in memory decides, is PolicyLog. Deterministic; not thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "replay/budget_plan.h"
#include "replay/disk_writes.h"
#include "replay/replay_outcome.h"
#include "trace/trace.h"

namespace fovea {

// Worth is cost / bytes x (hits + 1). Whenever a value is written again, half of its hits are forgotten.
struct FifoRules {
  // one: one row of files for all levels. per_level: a row for each level. All rows share the bytes, and of
  // their oldest files the one is dropped whose live values are worth least for each byte of the file.
  enum class Rows : std::uint8_t { one, per_level };

  std::uint32_t files = 400;  // a file is closed at this part of the capacity; a larger value has its own file
  Rows rows = Rows::one;
  double again_after = 1;    // a hit appends a value again if so much of its row's bytes lie behind it; 1 = never
  double again_worth = 0;    // and if its worth is so much of the mean worth of the bytes that were offered
  double admit_worth = 0;    // the same for a value that was just computed; 0 = no question
  double rescued_share = 0;  // so much of a file, the values of most worth, is written again before it is dropped
};

class FifoDisk {
 public:
  // For keys 0 .. `keys` - 1. REQUIRES: rules.rescued_share < 1.
  FifoDisk(std::uint64_t bytes_max, std::uint32_t keys, const FifoRules& rules);

  // Whether the value of `key` is there. It may be appended again.
  bool find(std::uint32_t key);
  // Writes a value that was just computed, unless it is there, too large, or not worth it.
  void store(std::uint32_t key, TraceLevel level, std::uint64_t bytes, double cost_ms);

  std::uint64_t bytes() const { return bytes_; }  // in all files, with what is dead
  const DiskWrites& writes() const { return writes_; }
  std::uint64_t evictions() const { return evictions_; }

 private:
  struct Entry {
    std::uint64_t bytes = 0;
    double cost_ms = 0;
    double hits = 0;
    std::uint64_t serial = 0;  // of its live copy; 0 = there is none
    std::uint64_t end = 0;     // of that copy, in the bytes ever written to its row
    std::uint8_t row = 0;
  };
  struct Copy {
    std::uint32_t key;
    std::uint64_t serial;
  };
  struct File {
    std::uint64_t bytes = 0;
    std::vector<Copy> copies;
  };
  struct Row {
    std::deque<File> files;  // the last one is open
    std::uint64_t bytes = 0;
    std::uint64_t written = 0;  // ever
  };

  bool live(const Copy& copy) const { return entries_[copy.key].serial == copy.serial; }
  double worth(const Entry& entry) const { return entry.cost_ms / static_cast<double>(entry.bytes) * (entry.hits + 1); }
  double worth(const File& file) const;
  double part(std::uint64_t bytes) const { return static_cast<double>(bytes) / static_cast<double>(bytes_max_); }
  bool is_old(const Entry& entry) const;
  void learn(const Entry& offered) { mean_worth_ += part(offered.bytes) * (worth(offered) - mean_worth_); }
  void write(std::uint32_t key);
  void append(std::uint32_t key);
  Row& row_to_shorten();
  void drop_file();
  void rescue(const File& dropped);

  FifoRules rules_;
  std::uint64_t bytes_max_;
  std::vector<Entry> entries_;
  std::vector<Row> rows_;
  std::uint64_t bytes_ = 0;
  std::uint64_t serial_ = 0;
  std::uint64_t evictions_ = 0;
  double mean_worth_ = 0;  // by bytes, over about the last bytes_max_ of them
  bool full_ = false;      // a file had to be dropped: until then nothing is asked
  DiskWrites writes_;
};

// What such disks save on `trace`, one for each budget. Adds to `writes`. REQUIRES: as replay().
ReplayOutcome replay_fifo_disk(const Trace& trace, const FifoRules& rules, const BudgetPlan& budgets,
                               DiskWrites& writes);

}  // namespace fovea
