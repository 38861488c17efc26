// What a person wrote wrong is a fault: the program ends with a sentence. What the machine does not do now (a
// folder that cannot be written, a server that is not there) is told, and the program goes on without.
#include "app/open_tiers.h"

#include <chrono>
#include <format>
#include <memory>
#include <utility>

#include "app/open_tier.h"

namespace fovea::app {

namespace {

// A few hundred MiB reach any disk by then. What does not is computed again another time.
constexpr std::chrono::seconds flush_within{5};

// A server in the same building, until it was measured.
constexpr TransferTime::Guess network_transfer{.wait_ms = 0.5, .bytes_per_ms = 100'000};

}  // namespace

Result<OpenTiers> OpenTiers::open(const TierFlags& flags, const Tell& tell) {
  OpenTiers opened;
  if (auto disk = opened.open_disk(flags, tell); !disk) return std::unexpected(disk.error());
  if (auto shared = opened.open_shared(flags, tell); !shared) return std::unexpected(shared.error());
  return opened;
}

Result<void> OpenTiers::open_disk(const TierFlags& flags, const Tell& tell) {
  const auto disk = disk_settings(flags);
  if (!disk) return std::unexpected(disk.error());
  if (!*disk) return {};
  auto tier = open_disk_tier(**disk);
  if (!tier) {
    if (tier.error().fault == Fault::invalid) return std::unexpected(tier.error());
    tell(std::format("no disk cache: {}", tier.error().message));
    return {};
  }
  if ((*tier)->read_only())
    tell(std::format("another process uses the disk cache '{}': it is read, and nothing is added to it",
                     (*disk)->folder.string()));
  if ((*tier)->was_emptied())
    tell(std::format("the disk cache '{}' was damaged and begins empty", (*disk)->folder.string()));
  tiers_->push_back(std::make_unique<TierLane>(std::move(*tier), TierLaneOptions{.tell = tell}));
  return {};
}

Result<void> OpenTiers::open_shared(const TierFlags& flags, const Tell& tell) {
  if (flags.shared.empty()) return {};
  auto tier = open_shared_tier(flags);
  if (!tier) return std::unexpected(tier.error());
  tiers_->push_back(
      std::make_unique<TierLane>(std::move(*tier), TierLaneOptions{.transfer = network_transfer, .tell = tell}));
  return {};
}

OpenTiers::~OpenTiers() {
  if (!tiers_) return;
  const auto deadline = std::chrono::steady_clock::now() + flush_within;
  for (const auto& tier : *tiers_) tier->flush(deadline);
}

}  // namespace fovea::app
