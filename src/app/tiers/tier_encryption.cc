#include "app/tiers/tier_encryption.h"

#include <system_error>
#include <utility>

#include "tier/encryption/encrypted_tier.h"
#include "tier/encryption/secret_files.h"
#include "tier/valkey/secret_table.h"

namespace fovea::app {

namespace {

constexpr const char* secrets_folder = "secrets-v1";  // in that of the disk

}  // namespace

Result<TierEncryption> TierEncryption::open(const TierFlags& flags, const ValkeyTier* shared, bool has_disk) {
  TierEncryption encryption;
  if (!flags.encrypt_tiers) {
    if (!flags.fleet_key_file.empty() && shared == nullptr)
      return fail(Fault::invalid, "--fleet-key-file: it is for --shared and --encrypt-tiers; name one of them");
    return encryption;
  }
  if (shared == nullptr && !has_disk)
    return fail(Fault::invalid, "--encrypt-tiers: nothing is kept; name a place by --disk-cache or --shared");
  if (flags.fleet_key_file.empty())
    return fail(Fault::invalid, "--encrypt-tiers: name the file of the secret by --fleet-key-file");
  auto fleet = read_fleet_keys(flags.fleet_key_file);
  if (!fleet) return std::unexpected(std::move(fleet.error()));
  encryption.fleet_ = std::move(*fleet);
  if (shared != nullptr) {
    auto secrets = std::make_unique<valkey::SecretTable>(shared->shared_client());
    encryption.shared_keys_ = std::make_shared<TenantKeys>(encryption.fleet_, std::move(secrets));
  }
  return encryption;
}

bool TierEncryption::has_secrets(const std::filesystem::path& folder) {
  std::error_code unknown;
  return std::filesystem::is_directory(folder / secrets_folder, unknown);
}

Result<std::unique_ptr<Tier>> TierEncryption::around_disk(std::unique_ptr<RocksdbTier> tier,
                                                          const std::filesystem::path& folder) const {
  if (fleet_.empty()) return tier;
  if (shared_keys_) return std::make_unique<EncryptedTier>(std::move(tier), shared_keys_, SecretOnPurge::read_again);
  auto secrets = SecretFiles::open(folder / secrets_folder);
  if (!secrets) return std::unexpected(std::move(secrets.error()));
  auto keys = std::make_shared<TenantKeys>(fleet_, std::move(*secrets));
  return std::make_unique<EncryptedTier>(std::move(tier), std::move(keys), SecretOnPurge::destroyed);
}

std::unique_ptr<Tier> TierEncryption::around_shared(std::unique_ptr<ValkeyTier> tier) const {
  if (!shared_keys_) return tier;
  return std::make_unique<EncryptedTier>(std::move(tier), shared_keys_, SecretOnPurge::destroyed);
}

}  // namespace fovea::app
