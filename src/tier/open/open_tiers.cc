// What a person wrote wrong is a fault: the program ends with a sentence. What the machine does not do now (a
// folder that cannot be written, a server that is not there) is told, and the program goes on without.
#include "tier/open/open_tiers.h"

#include <chrono>
#include <format>
#include <memory>
#include <thread>
#include <utility>

#include "tier/open/open_tier.h"

namespace fovea {

namespace {

// A few hundred MiB reach any disk by then. What does not is computed again another time.
constexpr std::chrono::seconds flush_within{5};
// Between tries to remove what a tier has not removed: there is no other chance.
constexpr std::chrono::milliseconds removal_pause{100};

// A server in the same building, until it was measured.
constexpr TransferTime::Guess network_transfer{.wait_ms = 0.5, .bytes_per_ms = 100'000};

}  // namespace

Result<OpenTiers> OpenTiers::open(const TierSettings& settings, const Tell& tell, const TierGuesses& guesses) {
  OpenTiers opened;
  std::unique_ptr<ValkeyTier> shared;
  if (!settings.shared.empty()) {
    auto tier = open_shared_tier(settings);
    if (!tier) return std::unexpected(tier.error());
    shared = std::move(*tier);
  }
  const auto disk = disk_settings(settings);
  if (!disk) return std::unexpected(disk.error());
  const auto encryption = TierEncryption::open(settings, shared.get(), disk->has_value());
  if (!encryption) return std::unexpected(encryption.error());
  if (*disk) {
    if (auto done = opened.open_disk(**disk, settings.names, *encryption, tell, guesses); !done)
      return std::unexpected(done.error());
  }
  if (shared) opened.add_shared(encryption->around_shared(std::move(shared)), tell, guesses);
  opened.follower_ = std::make_unique<PurgeFollower>(*opened.tiers_, PurgeFollowerOptions{.tell = tell});
  return opened;
}

Result<void> OpenTiers::open_disk(const DiskSettings& settings, const TierNames& names,
                                  const TierEncryption& encryption, const Tell& tell, const TierGuesses& guesses) {
  auto tier = open_disk_tier(settings, false, names);
  if (!tier) {
    if (tier.error().fault == Fault::invalid) return std::unexpected(tier.error());
    tell(std::format("no disk cache: {}", tier.error().message));
    return {};
  }
  if ((*tier)->read_only())
    tell(std::format("another process uses the disk cache '{}': it is read, and nothing is added to it",
                     settings.folder.string()));
  const bool is_writable = !(*tier)->read_only();
  if ((*tier)->was_emptied())
    tell(std::format("the disk cache '{}' was damaged and begins empty", settings.folder.string()));
  auto encrypted = encryption.around_disk(std::move(*tier), settings.folder);
  if (!encrypted) {
    tell(std::format("no disk cache: {}", encrypted.error().message));
    return {};
  }
  if (is_writable) ++writable_;
  tiers_->push_back(std::make_unique<TierLane>(
      std::move(*encrypted),
      TierLaneOptions{.transfer = guesses.disk.value_or(disk_transfer), .expected = guesses.expected, .tell = tell}));
  if (!is_writable) read_only_ = tiers_->back().get();
  return {};
}

void OpenTiers::add_shared(std::unique_ptr<Tier> tier, const Tell& tell, const TierGuesses& guesses) {
  ++writable_;
  tiers_->push_back(std::make_unique<TierLane>(
      std::move(tier),
      TierLaneOptions{
          .transfer = guesses.shared.value_or(network_transfer), .expected = guesses.expected, .tell = tell}));
}

OpenTiers::~OpenTiers() {
  if (!tiers_) return;
  const auto deadline = std::chrono::steady_clock::now() + flush_within;
  for (const auto& tier : *tiers_) {
    tier->flush(deadline);
    if (tier.get() == read_only_) continue;  // what is removed there will never go
    while (tier->stats().removals_pending > 0 && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(removal_pause);
      tier->flush(deadline);
    }
  }
}

}  // namespace fovea
