// ServerProfile: what fovea serve takes from a file of `fovea profile`: where its tiers' lanes begin. It
// checks that the profile is about this model on this machine. A plain value; thread-safe.
#pragma once

#include <optional>
#include <string>

#include "app/flags/model_flags.h"
#include "engine/engine.h"
#include "profile/profile.h"
#include "profile/tier_guesses.h"

namespace fovea::app {

class ServerProfile {
 public:
  // The profile in `file`, of the model that is served with these flags; of nothing where no file is named.
  // Faults: those of read_profile, with the flag's name before the sentence.
  static Result<ServerProfile> open(const std::string& file, const ModelFlags& model);

  // Nothing, where there is no profile.
  TierGuesses guesses() const;

  // Whether it was measured with this engine's model and kernels; a sentence about what was measured, or
  // empty without a profile. Faults: invalid, if it is another model's, has another context or other devices;
  // the sentence says what differs, as far as the file tells, and how to measure again.
  Result<std::string> check(const VisionLanguageEngine& engine) const;

  // Why its times may not hold here: another machine, or another number of threads. Empty where they may.
  std::string doubts() const;

 private:
  std::string difference(const VisionLanguageEngine& engine) const;

  std::string file_;
  ModelFlags flags_;
  std::optional<Profile> profile_;
  std::size_t model_ = 0;  // of the profile's, the one that is likely to be served
};

}  // namespace fovea::app
