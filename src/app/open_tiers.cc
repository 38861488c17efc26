#include "app/open_tiers.h"

#include <chrono>
#include <format>
#include <memory>
#include <utility>

#include "tier/rocksdb/rocksdb_tier.h"

namespace fovea::app {

namespace {

// A few hundred MiB reach any disk by then. What does not is computed again another time.
constexpr std::chrono::seconds flush_within{5};

}  // namespace

Result<OpenTiers> OpenTiers::open(const TierFlags& flags, const Tell& tell) {
  const auto disk = disk_settings(flags);
  if (!disk) return std::unexpected(disk.error());
  OpenTiers opened;
  if (!*disk) return opened;
  auto tier = RocksdbTier::open({.folder = (*disk)->folder, .bytes_max = (*disk)->bytes_max});
  if (!tier) {
    if (tier.error().fault == Fault::invalid) return fail(Fault::invalid, "--disk-size: " + tier.error().message);
    tell(std::format("no disk cache: {}", tier.error().message));
    return opened;
  }
  if ((*tier)->read_only())
    tell(std::format("another process uses the disk cache '{}': it is read, and nothing is added to it",
                     (*disk)->folder.string()));
  if ((*tier)->was_emptied())
    tell(std::format("the disk cache '{}' was damaged and begins empty", (*disk)->folder.string()));
  opened.tiers_->push_back(
      std::make_unique<TierLane>(std::move(*tier), TierLaneOptions{.tell = tell}));
  return opened;
}

OpenTiers::~OpenTiers() {
  if (!tiers_) return;
  const auto deadline = std::chrono::steady_clock::now() + flush_within;
  for (const auto& tier : *tiers_) tier->flush(deadline);
}

}  // namespace fovea::app
