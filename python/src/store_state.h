// SPDX-License-Identifier: Apache-2.0

// StoreState: what a fovea.Store consists of in one process: records in memory, the tiers behind it, and what
// is being computed.
//
// Thread-safe. Knows nothing of Python.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "fovea/policy_kind.h"
#include "fovea/single_flight.h"
#include "messages.h"
#include "store/lane/tier_lane.h"
#include "store/memory_store.h"
#include "store/store.h"
#include "tier/open/open_tiers.h"

namespace fovea::python {

struct StoreSettings {
  std::uint64_t memory_bytes = 0;
  PolicyKind policy = default_policy;
  TierSettings tiers;
  std::uint64_t tier_value_bytes_max = 0;  // no tier keeps larger values

  // The names of the arguments, for sentences.
  static constexpr TierNames names{.disk = "disk",
                                   .disk_size = "disk_size",
                                   .shared = "shared",
                                   .fleet_key_file = "fleet_key_file",
                                   .encrypt = "encrypt"};
};

// Who sees which values, and by which labels they are purged.
struct Scope {
  Key id;
  Key tenant;               // of the namespace
  std::vector<Key> images;  // the label of one tenant of it, or none

  static Scope of(std::string_view name_space, std::optional<std::string_view> salt);
  // Where the record of a caller's key lies, and back: 256 bits of the one and the other, so that what is
  // known of a key stays as unknown as the scope.
  Key stored(const Key& key) const;
};

class StoreState {
 public:
  // Faults: invalid, not_found, with the argument's name before the sentence.
  static Result<std::shared_ptr<StoreState>> open(const StoreSettings& settings);

  // The record of `key`, in memory or a tier, unless its time is over.
  std::optional<Record> find(const Key& key, const Scope& scope);
  std::vector<std::optional<Record>> find_many(std::span<const Key> keys, const Scope& scope);
  // The same in memory alone. Waits for nothing.
  std::optional<Record> find_in_memory(const Key& key, const Scope& scope);
  bool contains(const Key& key) const { return memory_->contains(key); }

  // Stores encode_record's bytes; false where neither memory nor a tier took them.
  bool insert(const Key& key, const Blob& record, const Scope& scope);
  // Where the caller has looked for a key just before, and missed it.
  enum class Tried { nothing, tiers };
  // The payload of `key`: found, or else of the record that `compute` makes. As Level::get_or_compute, and
  // what another process with the same shared tier computes now is waited for.
  // Faults: those of `compute`; cancelled where `stop` ends a wait for another caller of this process.
  Result<Blob> get_or_compute(const Key& key, const Scope& scope, const std::function<Result<Blob>()>& compute,
                              std::stop_token stop, Tried tried);

  bool erase(const Key& key);
  // All of the scope, or of the whole namespace where it has no tenant, in memory and every tier.
  void purge(const Scope& scope);
  // The keys in memory that are of this scope, as their callers know them.
  std::vector<Key> keys(const Scope& scope);

  void resize(std::uint64_t bytes_max) { memory_->level().resize(bytes_max); }
  LevelStats memory_stats() const;
  std::vector<TierStats> tier_stats() const { return stats_of(tiers_); }
  bool has_tiers() const { return tiers_ != nullptr; }
  // Whether all that tiers took is written, after at most so long.
  bool flush(double seconds);

  Messages& messages() { return messages_; }

 private:
  StoreState() = default;
  bool is_over(const Record& record) const;
  std::optional<Record> find_or_lease(const Key& key, const Scope& scope, Tried tried);

  Messages messages_;
  std::optional<OpenTiers> opened_;
  const Tiers* tiers_ = nullptr;   // null where there are none
  std::unique_ptr<Store> store_;   // all of it
  MemoryStore* memory_ = nullptr;  // the nearest part of store_
  SingleFlight flights_;
  std::atomic<std::uint64_t> joined_ = 0;
};

}  // namespace fovea::python
