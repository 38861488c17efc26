// OpenTiers: the tiers behind a process's memory, as its settings name them.
//
// A disk that cannot be used is told and left out, and a server need not run: a tier can only make things
// faster. What other processes purged while this one was down is purged before it begins, where the server
// answers in time. The destructor waits a few seconds until what was computed last is written.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "store/lane/tier_lane.h"
#include "store/purge_follower.h"
#include "tier/open/tier_encryption.h"
#include "tier/open/tier_guesses.h"
#include "tier/open/tier_settings.h"

namespace fovea {

class OpenTiers {
 public:
  // Told what a person should know: a tier that cannot be used, or fails later. On any thread.
  using Tell = std::function<void(std::string_view sentence)>;

  // The disk, then the server. `guesses` are what is known of them before they are used. Faults: invalid or
  // not_found, with the setting's name before the sentence.
  static Result<OpenTiers> open(const TierSettings& settings, const Tell& tell, const TierGuesses& guesses = {});
  OpenTiers(OpenTiers&&) = default;
  OpenTiers& operator=(OpenTiers&&) = delete;
  ~OpenTiers();

  // How many can be written: not a disk that another process has, and any server, as it may come back.
  std::size_t writable() const { return writable_; }

  // Null where there are none. Lives as long as this.
  const Tiers* tiers() const { return tiers_ && !tiers_->empty() ? tiers_.get() : nullptr; }

 private:
  OpenTiers() : tiers_(std::make_unique<Tiers>()) {}
  Result<void> open_disk(const DiskSettings& settings, const TierNames& names, const TierEncryption& encryption,
                         const Tell& tell, const TierGuesses& guesses);
  void add_shared(std::unique_ptr<Tier> tier, const Tell& tell, const TierGuesses& guesses);

  std::size_t writable_ = 0;
  const TierLane* read_only_ = nullptr;      // a disk that another process has
  std::unique_ptr<Tiers> tiers_;             // at one address, wherever this is moved to
  std::unique_ptr<PurgeFollower> follower_;  // of them, so it goes first
};

}  // namespace fovea
