// LeaseHolder: the leases that this process has in the shared tier: "I compute this now", so that a picture
// that is new to a fleet is encoded once. A hint and no lock: it ends by itself, and who cannot ask
// computes.
//
// Thread-safe. Its client must outlive it. What is held when it is destroyed ends in its own time.
#pragma once

#include <chrono>
#include <cstdint>
#include <unordered_map>

#include "base/mutex.h"
#include "fovea/key.h"
#include "fovea/result.h"
#include "tier/valkey/client.h"

namespace fovea::valkey {

class LeaseHolder {
 public:
  static constexpr std::chrono::milliseconds wait_max{250};  // to ask for a lease; longer would cost what it saves

  explicit LeaseHolder(Client& client) : client_(client) {}

  // Whether the lease of `key` is ours now, for `time`; false where somebody has it, be it ourselves.
  // Faults: those of Client::run.
  Result<bool> acquire_lease(const Key& key, std::chrono::milliseconds time);

  // Ends the lease of `key`, if it is still ours. Whether it was. Faults: those of Client::run.
  Result<bool> release_lease(const Key& key);

 private:
  Client& client_;
  Mutex mutex_;
  // What proves a lease ours, and until when it may exist.
  struct Held {
    std::uint64_t token;
    Until::Time ends;
  };
  std::unordered_map<Key, Held, KeyHash> held_ FOVEA_GUARDED_BY(mutex_);
};

}  // namespace fovea::valkey
