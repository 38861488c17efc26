// await_lease: waits for what another process computes.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>

#include "fovea/key.h"
#include "fovea/result.h"
#include "store/store.h"

namespace fovea {

// The record of `key` when another process has made it; nullopt where this one is to compute it, because
// the other gave up or `until` is over. Fault: cancelled.
Result<std::optional<Record>> await_lease(Store& store, const Key& key, const Key& scope, const std::stop_token& stop,
                                          std::chrono::steady_clock::time_point until);

}  // namespace fovea
