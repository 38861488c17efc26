// A file knows the copies in it, and an entry knows the serial number of its live copy; all other copies
// are dead. What is rescued from a file is less than the file, so every drop makes the disk smaller, and
// room for a value is found in the end.
#include "replay/fifo_disk.h"

#include <algorithm>
#include <functional>

#include "base/check.h"
#include "replay/drive.h"

namespace fovea {

FifoDisk::FifoDisk(std::uint64_t bytes_max, std::uint32_t keys, const FifoRules& rules)
    : rules_(rules),
      bytes_max_(bytes_max),
      entries_(keys),
      rows_(rules.rows == FifoRules::Rows::one ? 1 : trace_levels) {
  check(rules.rescued_share < 1, "a disk that rescues whole files finds no room");
}

bool FifoDisk::find(std::uint32_t key) {
  Entry& entry = entries_[key];
  if (entry.serial == 0) return false;
  entry.hits += 1;
  if (!is_old(entry) || worth(entry) < rules_.again_worth * mean_worth_) return true;
  writes_.again += entry.bytes;
  write(key);
  return true;
}

void FifoDisk::store(std::uint32_t key, TraceLevel level, std::uint64_t bytes, double cost_ms) {
  Entry& entry = entries_[key];
  if (entry.serial != 0 || bytes > bytes_max_) return;
  entry = {.bytes = bytes,
           .cost_ms = cost_ms,
           .row = static_cast<std::uint8_t>(rules_.rows == FifoRules::Rows::one ? 0 : static_cast<int>(level))};
  const bool refused = full_ && worth(entry) < rules_.admit_worth * mean_worth_;
  learn(entry);
  (refused ? writes_.refused : writes_.first) += bytes;
  if (!refused) write(key);
}

bool FifoDisk::is_old(const Entry& entry) const {
  const Row& row = rows_[entry.row];
  return full_ && rules_.again_after < 1 &&
         static_cast<double>(row.written - entry.end) >= rules_.again_after * static_cast<double>(row.bytes);
}

void FifoDisk::write(std::uint32_t key) {
  entries_[key].serial = 0;  // the copy that it may have is dead, and is not rescued
  while (bytes_ + entries_[key].bytes > bytes_max_) drop_file();
  append(key);
}

void FifoDisk::append(std::uint32_t key) {
  Entry& entry = entries_[key];
  Row& row = rows_[entry.row];
  if (row.files.empty() || row.files.back().bytes + entry.bytes > bytes_max_ / rules_.files) row.files.emplace_back();
  row.files.back().bytes += entry.bytes;
  row.files.back().copies.push_back({key, ++serial_});
  row.bytes += entry.bytes;
  row.written += entry.bytes;
  bytes_ += entry.bytes;
  entry.serial = serial_;
  entry.end = row.written;
  entry.hits /= 2;
}

double FifoDisk::worth(const File& file) const {
  double sum = 0;
  for (const Copy& copy : file.copies)
    if (live(copy)) sum += worth(entries_[copy.key]) * static_cast<double>(entries_[copy.key].bytes);
  return sum / static_cast<double>(file.bytes);
}

// REQUIRES: there is a file.
FifoDisk::Row& FifoDisk::row_to_shorten() {
  Row* least = nullptr;
  double least_worth = 0;
  for (Row& row : rows_) {
    if (row.files.empty()) continue;
    const double head_worth = rows_.size() > 1 ? worth(row.files.front()) : 0;
    if (least != nullptr && head_worth >= least_worth) continue;
    least = &row;
    least_worth = head_worth;
  }
  return *least;
}

void FifoDisk::drop_file() {
  full_ = true;
  Row& row = row_to_shorten();
  const File dropped = std::move(row.files.front());
  row.files.pop_front();
  row.bytes -= dropped.bytes;
  bytes_ -= dropped.bytes;
  rescue(dropped);
}

// Writes what is worth most again, and forgets the rest.
void FifoDisk::rescue(const File& dropped) {
  std::vector<std::uint32_t> keys;
  for (const Copy& copy : dropped.copies)
    if (live(copy)) keys.push_back(copy.key);
  if (rules_.rescued_share > 0)
    std::ranges::stable_sort(keys, std::greater(), [&](std::uint32_t key) { return worth(entries_[key]); });
  auto room = static_cast<std::uint64_t>(rules_.rescued_share * static_cast<double>(dropped.bytes));
  for (const std::uint32_t key : keys) {
    Entry& entry = entries_[key];
    if (entry.bytes > room) {
      entry.serial = 0;
      ++evictions_;
      continue;
    }
    room -= entry.bytes;
    writes_.rescued += entry.bytes;
    append(key);
  }
}

namespace {

// One FifoDisk for each budget.
class DrivenDisks {
 public:
  DrivenDisks(const Trace& trace, const FifoRules& rules, const BudgetPlan& budgets) : budgets_(&budgets) {
    for (const std::uint64_t bytes_max : budgets.bytes_max) disks_.emplace_back(bytes_max, trace.keys, rules);
  }

  bool find(std::size_t, const Lookup& lookup) { return of(lookup).find(lookup.key); }
  void store(std::size_t, const Lookup& lookup) {
    of(lookup).store(lookup.key, lookup.level, charged_bytes(lookup), lookup.cost_ms);
  }
  const std::vector<FifoDisk>& disks() const { return disks_; }

 private:
  FifoDisk& of(const Lookup& lookup) { return disks_[budgets_->budget_of[static_cast<std::size_t>(lookup.level)]]; }

  const BudgetPlan* budgets_;
  std::vector<FifoDisk> disks_;
};

}  // namespace

ReplayOutcome replay_fifo_disk(const Trace& trace, const FifoRules& rules, const BudgetPlan& budgets,
                               DiskWrites& writes) {
  DrivenDisks cache(trace, rules, budgets);
  ReplayOutcome outcome = Drive(trace, cache).run({});
  for (const FifoDisk& disk : cache.disks()) {
    outcome.evictions += disk.evictions();
    writes += disk.writes();
  }
  return outcome;
}

}  // namespace fovea
