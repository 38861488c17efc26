// SecretTable: the tenants' secrets in the shared tier's servers, where all nodes of a fleet find them.
//
// A server that evicts one, or starts empty, loses what was encrypted with it, on every node: that is cache
// lost. Thread-safe, as its client is.
#pragma once

#include <chrono>
#include <memory>

#include "tier/encryption/tenant_secrets.h"
#include "tier/valkey/client.h"

namespace fovea::valkey {

class SecretTable final : public TenantSecrets {
 public:
  explicit SecretTable(std::shared_ptr<Client> client) : client_(std::move(client)) {}

  // Faults, besides TenantSecrets's: those of Client::run.
  Result<Secret> read_or_draw(const Key& tenant, const WaitLimits& limits) override;
  // Draws another one. On return every replica that follows has it. Faults: those of set_with_replicas.
  Result<void> destroy(const Key& tenant) override;

 private:
  static constexpr std::chrono::milliseconds wait_max{5000};  // of a call, whatever its caller allows

  const std::shared_ptr<Client> client_;
};

}  // namespace fovea::valkey
