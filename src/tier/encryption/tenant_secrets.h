// TenantSecrets: where the secret of each tenant lies, of which its key is made.
//
// Who destroys a tenant's secret makes unreadable what was encrypted with it, wherever that lies: on disks of
// machines that are gone, in snapshots, in copies. Thread-safe. A call may block, so none is made under a
// lock.
#pragma once

#include "fovea/key.h"
#include "fovea/result.h"
#include "store/wait_limits.h"
#include "tier/encryption/secret.h"

namespace fovea {

class TenantSecrets {
 public:
  virtual ~TenantSecrets() = default;

  // The secret of `tenant` (tenant_label), drawn where there is none. All who ask at the same place get the
  // same one. Faults: unavailable, timed_out, cancelled; too_large: the place takes no further tenant.
  virtual Result<Secret> read_or_draw(const Key& tenant, const WaitLimits& limits) = 0;

  // From its return on, nobody reads the present secret again. Faults: unavailable, timed_out; then it has to
  // be tried again.
  virtual Result<void> destroy(const Key& tenant) = 0;
};

}  // namespace fovea
