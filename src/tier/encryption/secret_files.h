// SecretFiles: the tenants' secrets in files of a folder, for a disk that has no server beside it.
//
// Weaker than secrets that lie elsewhere: who copies the disk copies them too, and then needs the fleet's
// secret. A destroyed one is overwritten where it lies; a file system or a drive that writes elsewhere may
// keep the old bytes. Thread-safe. Several processes may use one folder.
#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>

#include "tier/encryption/tenant_secrets.h"

namespace fovea {

class SecretFiles final : public TenantSecrets {
 public:
  static constexpr std::size_t files_max = 65'536;  // tenants

  // Makes `folder`, which only its user can read. Faults: unavailable.
  static Result<std::unique_ptr<SecretFiles>> open(const std::filesystem::path& folder);

  Result<Secret> read_or_draw(const Key& tenant, const WaitLimits& limits) override;
  Result<void> destroy(const Key& tenant) override;

 private:
  SecretFiles(std::filesystem::path folder, std::size_t files) : folder_(std::move(folder)), files_(files) {}
  std::filesystem::path path_of(const Key& tenant) const { return folder_ / tenant.hex(); }
  Result<void> draw(const std::filesystem::path& path);

  const std::filesystem::path folder_;
  std::atomic<std::size_t> files_;  // about
};

}  // namespace fovea
