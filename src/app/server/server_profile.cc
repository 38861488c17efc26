// The tiers are opened before the model, so which of two models is meant goes by its name first. What is then
// served is checked by its fingerprints.
#include "app/server/server_profile.h"

#include <format>
#include <utility>

#include "app/machine.h"
#include "base/units.h"
#include "profile/profile_file.h"

namespace fovea::app {

Result<ServerProfile> ServerProfile::open(const std::string& file, const std::string& model) {
  ServerProfile opened;
  if (file.empty()) return opened;
  auto profile = read_profile(file);
  if (!profile) return fail(profile.error().fault, "--profile: " + profile.error().message);
  opened.file_ = file;
  for (std::size_t i = 0; i < profile->models.size(); ++i)
    if (profile->models[i].name == model) opened.model_ = i;
  opened.profile_ = std::move(*profile);
  return opened;
}

TierGuesses ServerProfile::guesses() const {
  return profile_ ? tier_guesses(*profile_, profile_->models[model_]) : TierGuesses{};
}

Result<std::string> ServerProfile::check(const VisionLanguageEngine& engine) const {
  if (!profile_) return std::string();
  const ModelTimes* found = find_model(*profile_, engine.vision_fingerprint(), engine.text_fingerprint());
  if (found == nullptr || found != &profile_->models[model_])
    return fail(Fault::invalid,
                std::format("--profile: {} was measured with {}, and not with this model, its context size, kernels "
                            "and devices; measure again: fovea profile -o {}",
                            file_, profile_->models[model_].name, file_));
  const std::string machine = machine_line();
  return std::format("the profile {} of {}: a tile {}, a token {}{}", file_, profile_->measured,
                     format_ms(found->encode_ms), format_ms(found->decode_ms()),
                     machine == profile_->machine
                         ? ""
                         : std::format("; it was measured on another machine ({}), so its times may not hold here",
                                       profile_->machine));
}

}  // namespace fovea::app
