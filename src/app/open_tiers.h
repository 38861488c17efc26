// OpenTiers: the tiers behind a process's memory, as its flags name them.
//
// A disk that cannot be used is told and left out, and a server need not run: a tier can only make things
// faster. The destructor waits a few seconds until what was computed last is written.
#pragma once

#include <functional>
#include <string_view>

#include "app/flags/tier_flags.h"
#include "store/tier_lane.h"

namespace fovea::app {

class OpenTiers {
 public:
  // Told what a person should know: a tier that cannot be used, or fails later. On any thread.
  using Tell = std::function<void(std::string_view sentence)>;

  // The disk, then the server. Faults: invalid or not_found, with the flag's name before the sentence.
  static Result<OpenTiers> open(const TierFlags& flags, const Tell& tell);
  OpenTiers(OpenTiers&&) = default;
  OpenTiers& operator=(OpenTiers&&) = delete;
  ~OpenTiers();

  // Null where there are none. Lives as long as this.
  const Tiers* tiers() const { return tiers_ && !tiers_->empty() ? tiers_.get() : nullptr; }

 private:
  OpenTiers() : tiers_(std::make_unique<Tiers>()) {}
  Result<void> open_disk(const TierFlags& flags, const Tell& tell);
  Result<void> open_shared(const TierFlags& flags, const Tell& tell);

  std::unique_ptr<Tiers> tiers_;  // at one address, wherever this is moved to
};

}  // namespace fovea::app
