// TierEncryption: what encrypts the tiers of a process, where its settings ask for it.
//
// The tenants' secrets lie in the shared server where there is one, also for the disk beside it, else in a
// folder of the disk's. Not thread-safe. What it makes does not need it any more.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "tier/encryption/tenant_keys.h"
#include "tier/open/tier_settings.h"
#include "tier/rocksdb/rocksdb_tier.h"
#include "tier/valkey/valkey_tier.h"

namespace fovea {

class TierEncryption {
 public:
  // `shared` is null where there is none. Faults: those of read_fleet_keys; invalid: a setting without
  // effect.
  static Result<TierEncryption> open(const TierSettings& settings, const ValkeyTier* shared, bool has_disk);

  // Whether the secrets of a disk alone lie beside it.
  static bool has_secrets(const std::filesystem::path& folder);

  // The tier as it is to be used: encrypted, or as it is. Faults of the disk's: those of SecretFiles::open.
  Result<std::unique_ptr<Tier>> around_disk(std::unique_ptr<RocksdbTier> tier,
                                            const std::filesystem::path& folder) const;
  std::unique_ptr<Tier> around_shared(std::unique_ptr<ValkeyTier> tier) const;

 private:
  std::vector<SealKey> fleet_;               // none: nothing is encrypted
  std::shared_ptr<TenantKeys> shared_keys_;  // null where there is no shared tier
};

}  // namespace fovea
