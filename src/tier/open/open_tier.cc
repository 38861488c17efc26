#include "tier/open/open_tier.h"

#include <format>
#include <utility>

namespace fovea {

Result<std::unique_ptr<RocksdbTier>> open_disk_tier(const DiskSettings& settings, bool read_only,
                                                    const TierNames& names) {
  auto tier = RocksdbTier::open({.folder = settings.folder, .bytes_max = settings.bytes_max, .read_only = read_only});
  if (!tier && tier.error().fault == Fault::invalid)
    return fail(Fault::invalid, std::format("{}: {}", names.disk_size, tier.error().message));
  return tier;
}

Result<std::unique_ptr<ValkeyTier>> open_shared_tier(const TierSettings& settings) {
  Result<std::vector<SealKey>> keys;
  if (!settings.fleet_key_file.empty() || !settings.may_share_without_key)
    keys = read_fleet_keys(settings.fleet_key_file, settings.names);
  if (!keys) return std::unexpected(keys.error());
  auto tier = ValkeyTier::open({.address = settings.shared,
                                .password_file = settings.shared_password_file,
                                .tls = {.authorities = settings.shared_ca_file, .certificate = {}, .key = {}},
                                .fleet_keys = std::move(*keys)});
  if (!tier) return fail(Fault::invalid, std::format("{}: {}", settings.names.shared, tier.error().message));
  return tier;
}

}  // namespace fovea
