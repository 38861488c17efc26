// TenantKeys: the keys that encrypt what each tenant stored, made from the fleet's secret and the tenant's
// own.
//
// Neither of the two is enough: who has a disk and the fleet's secret needs the tenant's, which can be
// destroyed, and who has the tenants' secrets needs the fleet's. Keys are kept in memory for a bounded time,
// so a process notices by then that another one has destroyed a secret. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "fovea/key.h"
#include "fovea/result.h"
#include "store/sealed_entry.h"
#include "store/wait_limits.h"
#include "tier/encryption/secret.h"
#include "tier/encryption/tenant_secrets.h"

namespace fovea {

class TenantKeys {
 public:
  static constexpr double kept_ms = 60'000;      // how long a destroyed secret's key may live in other processes
  static constexpr double doubted_ms = 1000;     // a key that was read so recently is not read again for a doubt
  static constexpr std::size_t kept_max = 4096;  // tenants

  // The fleet's secrets, one or two: the first encrypts, all decrypt. `clock` must outlive this.
  // REQUIRES: one at least.
  TenantKeys(std::vector<SealKey> fleet, std::unique_ptr<TenantSecrets> secrets, const Clock& clock = Clock::steady());
  ~TenantKeys();

  // The keys of `tenant`, one for each of the fleet's secrets, in their order. Faults: those of
  // TenantSecrets::read_or_draw.
  Result<std::vector<Secret>> keys_of(const Key& tenant, const WaitLimits& limits);

  // Something of `tenant` does not decrypt. Whether to try once more: its keys were not read just now, and
  // the next keys_of reads them anew.
  bool doubt(const Key& tenant);

  // The next keys_of reads the tenant's secret anew.
  void read_again(const Key& tenant);
  // Destroys the tenant's secret. Faults: those of TenantSecrets::destroy.
  Result<void> destroy(const Key& tenant);

 private:
  struct Kept {
    std::vector<Secret> keys;
    double read_at_ms;
  };

  std::vector<Secret> made_for(const Key& tenant, const Secret& secret) const;
  void keep(const Key& tenant, const Kept& kept) FOVEA_REQUIRES(mutex_);

  std::vector<SealKey> fleet_;  // changed by the destructor alone
  const std::unique_ptr<TenantSecrets> secrets_;
  const Clock& clock_;
  Mutex mutex_;
  std::unordered_map<Key, Kept, KeyHash> kept_ FOVEA_GUARDED_BY(mutex_);
  std::uint64_t renewals_ FOVEA_GUARDED_BY(mutex_) = 0;  // how often, of all tenants
};

}  // namespace fovea
