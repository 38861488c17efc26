#include "app/tiers/open_tier.h"

#include <utility>

namespace fovea::app {

Result<std::unique_ptr<RocksdbTier>> open_disk_tier(const DiskSettings& settings, bool read_only) {
  auto tier = RocksdbTier::open({.folder = settings.folder, .bytes_max = settings.bytes_max, .read_only = read_only});
  if (!tier && tier.error().fault == Fault::invalid)
    return fail(Fault::invalid, "--disk-size: " + tier.error().message);
  return tier;
}

Result<std::unique_ptr<ValkeyTier>> open_shared_tier(const TierFlags& flags) {
  auto keys = read_fleet_keys(flags.fleet_key_file);
  if (!keys) return std::unexpected(keys.error());
  auto tier = ValkeyTier::open({.address = flags.shared,
                                .password_file = flags.shared_password_file,
                                .tls = {.authorities = flags.shared_ca_file, .certificate = {}, .key = {}},
                                .fleet_keys = std::move(*keys)});
  if (!tier) return fail(Fault::invalid, "--shared: " + tier.error().message);
  return tier;
}

}  // namespace fovea::app
