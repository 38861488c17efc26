// The flags that say where results are kept besides memory, shared by every verb with a cache.
#pragma once

#include <string>

#include "tier/open/tier_settings.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace fovea::app {

// `disk_default` is set by the verb.
using TierFlags = TierSettings;

// Adds the flags to `verb`. `flags`, whose default is set, must outlive its parsing.
void add_tier_flags(CLI::App& verb, TierFlags& flags);

// Adds those of the shared server alone; `about` says what it is for. The flag --shared.
CLI::Option* add_shared_flags(CLI::App& verb, TierFlags& flags, const std::string& about, const std::string& group);

}  // namespace fovea::app
