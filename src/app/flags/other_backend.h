// other_backend: which flags of fovea serve have no effect where no model is run here, since another server
// answers or a profile stands for a model. Pure functions.
#pragma once

#include "fovea/result.h"

namespace CLI {
class App;
}

namespace fovea::app {

// Whether the flags that were given go with --upstream, if that is among them. Faults: invalid for one that
// is for a model that is run here, which would have no effect.
Result<void> check_upstream(const CLI::App& serve);

// Likewise with --modelled, where no model runs. Faults: invalid.
Result<void> check_modelled(const CLI::App& serve);

}  // namespace fovea::app
