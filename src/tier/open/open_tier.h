// open_disk_tier, open_shared_tier: one tier, as settings name it, without a lane around it.
//
// For OpenTiers, which puts lanes around them, and for the verbs that look into a tier or fill it. Thread-
// safe. The caller owns the tier.
#pragma once

#include <memory>

#include "tier/open/tier_settings.h"
#include "tier/rocksdb/rocksdb_tier.h"
#include "tier/valkey/valkey_tier.h"

namespace fovea {

// Faults: invalid, with the setting's name before the sentence; not_found, where it is only looked at and is
// not there; unavailable: the folder cannot be used.
Result<std::unique_ptr<RocksdbTier>> open_disk_tier(const DiskSettings& settings, bool read_only = false,
                                                    const TierNames& names = {});

// REQUIRES: settings.shared is set. Faults: invalid or not_found, with the setting's name before the
// sentence.
Result<std::unique_ptr<ValkeyTier>> open_shared_tier(const TierSettings& settings);

}  // namespace fovea
