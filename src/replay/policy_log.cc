// The policy's part of the capacity is smaller than the whole. So the files always hold some dead bytes
// when one must be dropped, and every round of drops frees some. A value that is larger than that part is
// declined.
#include "replay/policy_log.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"
#include "cache/policies.h"
#include "replay/budget_plan.h"
#include "replay/drive.h"

namespace fovea {

PolicyLog::PolicyLog(std::uint64_t bytes_max, std::uint32_t keys, const PolicyLogRules& rules)
    : rules_(rules),
      cache_(make_policy(rules.policy), static_cast<std::uint64_t>(rules.live_share * static_cast<double>(bytes_max)),
             keys),
      size_of_(keys),
      serial_of_(keys),
      bytes_max_(bytes_max) {}

void PolicyLog::store(std::uint32_t key, const ItemFacts& facts) {
  if (cache_.contains(key)) return;
  if (cache_.insert(key, facts) != Admission::stored) {
    writes_.refused += facts.size;
    return;
  }
  size_of_[key] = facts.size;
  serial_of_[key] = 0;  // an old copy is dead
  while (bytes_ + facts.size > bytes_max_) drop_one();
  append(key);
  writes_.first += facts.size;
}

void PolicyLog::append(std::uint32_t key) {
  const std::uint64_t bytes = size_of_[key];
  if (files_.empty() || files_.back().bytes + bytes > bytes_max_ / rules_.files) files_.emplace_back();
  files_.back().bytes += bytes;
  files_.back().records.push_back({key, ++serial_});
  serial_of_[key] = serial_;
  bytes_ += bytes;
}

double PolicyLog::live_share(const File& file) const {
  std::uint64_t bytes = 0;
  for (const Record& record : file.records) bytes += live(record) ? size_of_[record.key] : 0;
  return static_cast<double>(bytes) / static_cast<double>(file.bytes);
}

void PolicyLog::drop_one() {
  const auto dropped = rules_.oldest_dropped
                           ? files_.begin()
                           : std::ranges::min_element(files_, {}, [&](const File& file) { return live_share(file); });
  const File file = std::move(*dropped);
  files_.erase(dropped);
  bytes_ -= file.bytes;
  for (const Record& record : file.records) {
    if (!live(record)) continue;
    writes_.rescued += size_of_[record.key];
    append(record.key);
  }
}

namespace {

class DrivenLog {
 public:
  DrivenLog(const Trace& trace, const PolicyLogRules& rules, std::uint64_t bytes_max)
      : log_(bytes_max, trace.keys, rules) {}

  bool find(std::size_t, const Lookup& lookup) { return log_.find(lookup.key); }
  void store(std::size_t, const Lookup& lookup) {
    log_.store(lookup.key, {.size = charged_bytes(lookup),
                            .cost_ms = lookup.cost_ms,
                            .importance = lookup.importance,
                            .level = static_cast<std::uint8_t>(lookup.level)});
  }
  const PolicyLog& log() const { return log_; }

 private:
  PolicyLog log_;
};

}  // namespace

ReplayOutcome replay_policy_log(const Trace& trace, const PolicyLogRules& rules, std::uint64_t bytes_max,
                                DiskWrites& writes) {
  DrivenLog cache(trace, rules, bytes_max);
  ReplayOutcome outcome = Drive(trace, cache).run({});
  outcome.evictions = cache.log().evictions();
  writes += cache.log().writes();
  return outcome;
}

}  // namespace fovea
