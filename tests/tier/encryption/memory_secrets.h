// MemorySecrets: tenants' secrets in this process, for tests. Thread-safe; shared by those who copy the
// pointer to its table.
#pragma once

#include <atomic>
#include <map>
#include <memory>

#include "base/mutex.h"
#include "tier/encryption/tenant_secrets.h"

namespace fovea::test {

struct SecretsInMemory {
  Mutex mutex;
  std::map<Key, Secret> secrets;
  std::atomic<bool> is_away = false;  // nothing answers
  std::atomic<int> reads = 0;
};

class MemorySecrets final : public TenantSecrets {
 public:
  explicit MemorySecrets(std::shared_ptr<SecretsInMemory> table) : table_(std::move(table)) {}

  Result<Secret> read_or_draw(const Key& tenant, const WaitLimits&) override {
    ++table_->reads;
    if (table_->is_away) return fail(Fault::unavailable, "the secrets are away");
    MutexLock lock(table_->mutex);
    return table_->secrets.try_emplace(tenant, Secret::drawn()).first->second;
  }
  Result<void> destroy(const Key& tenant) override {
    if (table_->is_away) return fail(Fault::unavailable, "the secrets are away");
    MutexLock lock(table_->mutex);
    table_->secrets.erase(tenant);
    return {};
  }

 private:
  const std::shared_ptr<SecretsInMemory> table_;
};

}  // namespace fovea::test
