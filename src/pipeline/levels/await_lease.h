// await_lease: waits for what another process computes.
#pragma once

#include <stop_token>

#include "fovea/key.h"
#include "fovea/result.h"
#include "store/store.h"

namespace fovea {

// Returns when the record of `key` is in memory, or this process is the one to compute it: because it came,
// its computation failed, or it took longer than the lease's word. The lease is this process's then, unless
// the record is there. Fault: cancelled.
Result<void> await_lease(Store& store, const Key& key, const Key& scope, const std::stop_token& stop);

}  // namespace fovea
