// measure_profile: everything that a profile has, measured on this machine.
//
// It opens the engine several times, since the number of threads and of slots is fixed when it is opened.
// Nothing else should run meanwhile; what runs anyway is in the numbers. For one thread at a time: it sets
// the process's peak of memory back.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/progress.h"
#include "engine/engine.h"
#include "profile/load_times.h"
#include "profile/profile.h"
#include "store/tier.h"

namespace fovea {

// A model to measure. `open` loads it with so many threads (0 = as by default) and slots, without drafts.
struct ProfiledModel {
  std::string name;
  std::function<Result<std::unique_ptr<VisionLanguageEngine>>(std::uint32_t threads, std::uint32_t slots)> open;
};

struct MeasureInput {
  std::vector<ProfiledModel> models;
  LoadInput load;
  std::vector<Tier*> tiers;
  bool quick = false;         // each thing is measured once, and less of it: to try the rest of the program
  std::uint32_t threads = 1;  // that the engine has by default
  std::function<void(double fraction, std::string_view what)> progress;  // may be empty
};

// The profile, without the fields that say when and by what it was measured. Faults: those of the engine and
// of the tiers; cancelled.
Result<Profile> measure_profile(const MeasureInput& input);

// 1, half of them and all, each once, the fewest first.
std::vector<std::uint32_t> thread_counts(std::uint32_t all);

}  // namespace fovea
