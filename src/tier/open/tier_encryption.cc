// Settings that contradict each other are refused before any tier is opened: who asks for encryption must not
// find later that nothing was encrypted.
#include "tier/open/tier_encryption.h"

#include <format>
#include <system_error>
#include <utility>

#include "tier/encryption/encrypted_tier.h"
#include "tier/encryption/secret_files.h"
#include "tier/valkey/secret_table.h"

namespace fovea {

namespace {

constexpr const char* secrets_folder = "secrets-v1";  // in that of the disk

}  // namespace

Result<TierEncryption> TierEncryption::open(const TierSettings& settings, const ValkeyTier* shared, bool has_disk) {
  TierEncryption encryption;
  const TierNames& names = settings.names;
  if (!settings.encrypt_tiers) {
    if (!settings.fleet_key_file.empty() && shared == nullptr) {
      return fail(Fault::invalid, std::format("{}: it is for {} and {}; name one of them", names.fleet_key_file,
                                              names.shared, names.encrypt));
    }
    return encryption;
  }
  if (shared == nullptr && !has_disk) {
    return fail(Fault::invalid,
                std::format("{}: nothing is kept; name a place by {} or {}", names.encrypt, names.disk, names.shared));
  }
  if (settings.fleet_key_file.empty()) {
    return fail(Fault::invalid,
                std::format("{}: name the file of the secret by {}", names.encrypt, names.fleet_key_file));
  }
  auto fleet = read_fleet_keys(settings.fleet_key_file, names);
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

}  // namespace fovea
