// open_disk_tier, open_shared_tier: one tier, as the flags name it, without a lane around it.
//
// For OpenTiers, which puts lanes around them, and for the verbs that look into a tier or fill it. Thread-
// safe. The caller owns the tier.
#pragma once

#include <memory>

#include "app/flags/tier_flags.h"
#include "tier/rocksdb/rocksdb_tier.h"
#include "tier/valkey/valkey_tier.h"

namespace fovea::app {

// Faults: invalid, with --disk-size before the sentence; not_found, where it is only looked at and is not
// there; unavailable: the folder cannot be used.
Result<std::unique_ptr<RocksdbTier>> open_disk_tier(const DiskSettings& settings, bool read_only = false);

// REQUIRES: flags.shared is set. Faults: invalid or not_found, with the flag's name before the sentence.
Result<std::unique_ptr<ValkeyTier>> open_shared_tier(const TierFlags& flags);

}  // namespace fovea::app
