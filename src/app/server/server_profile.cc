// The tiers are opened before the model, so which of two models is meant goes by its name first. What is then
// served is checked by its fingerprints.
#include "app/server/server_profile.h"

#include <algorithm>
#include <cstdint>
#include <format>
#include <thread>
#include <utility>
#include <vector>

#include "app/machine.h"
#include "base/units.h"
#include "profile/profile_file.h"

namespace fovea::app {

namespace {

std::uint32_t threads_of(const ModelFlags& flags) {
  if (flags.threads > 0) return static_cast<std::uint32_t>(flags.threads);
  return std::max(1U, std::thread::hardware_concurrency());
}

// The command that measures what is served. Flags at their defaults are left out.
std::string measuring(const ModelFlags& flags, const std::string& file) {
  std::string command = "fovea profile";
  if (!flags.model.empty()) command += " -m " + flags.model;
  if (!flags.mmproj.empty()) command += " --mmproj " + flags.mmproj;
  if (flags.ctx_size > 0) command += std::format(" --ctx-size {}", flags.ctx_size);
  if (flags.kernels != "auto") command += " --kernels " + flags.kernels;
  if (flags.gpu_layers >= 0) command += std::format(" --gpu-layers {}", flags.gpu_layers);
  if (flags.threads > 0) command += std::format(" --threads {}", flags.threads);
  return command + " -o " + file;
}

}  // namespace

Result<ServerProfile> ServerProfile::open(const std::string& file, const ModelFlags& model) {
  ServerProfile opened;
  if (file.empty()) return opened;
  auto profile = read_profile(file);
  if (!profile) return fail(profile.error().fault, "--profile: " + profile.error().message);
  opened.file_ = file;
  opened.flags_ = model;
  const std::string name = profiled_name(model);
  for (std::size_t i = 0; i < profile->models.size(); ++i)
    if (profile->models[i].name == name) opened.model_ = i;
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
    return fail(Fault::invalid, std::format("--profile: {} does not fit what is served: {}; measure again: {}", file_,
                                            difference(engine), measuring(flags_, file_)));
  return std::format("the profile {} of {}: a tile {}, a token {}", file_, profile_->measured,
                     format_ms(found->encode_ms), format_ms(found->decode_ms()));
}

std::string ServerProfile::difference(const VisionLanguageEngine& engine) const {
  const ModelTimes& model = profile_->models[model_];
  std::string text;
  const auto add = [&](const std::string& what) { text += (text.empty() ? "" : ", ") + what; };
  if (const std::string name = profiled_name(flags_); name != model.name)
    add(std::format("it was measured with the model {} and not with {}", model.name, name));
  if (const auto here = engine.facts().context_tokens; model.context_tokens.value_or(here) != here)
    add(std::format("it was measured with a context of {} tokens and not of {}", *model.context_tokens, here));
  if (const auto& here = engine.facts().kernels; !here.empty() && model.kernels.value_or(here) != here)
    add(std::format("it was measured with the kernels {} and not with {}", *model.kernels, here));
  if (!text.empty()) return text;
  return std::format("it was measured with {}, and the model's files, context size, kernels or devices are others",
                     model.name);
}

std::string ServerProfile::doubts() const {
  if (!profile_) return {};
  std::string why;
  if (machine_line() != profile_->machine) why = std::format("on another machine ({})", profile_->machine);
  const std::vector<ThreadTime>& measured = profile_->models[model_].threads;
  if (const auto here = threads_of(flags_); !measured.empty() && measured.back().threads != here)
    why += std::format("{}with --threads {} and not {}", why.empty() ? "" : " and ", measured.back().threads, here);
  return why.empty() ? why : std::format("the profile {} was measured {}, so its times may not hold here", file_, why);
}

}  // namespace fovea::app
