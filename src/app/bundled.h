// The places of the files that come with Fovea: the bundled model, and the samples.
#pragma once

#include <filesystem>

#include "fovea/result.h"

namespace fovea::app {

struct BundledModel {
  std::filesystem::path model;
  std::filesystem::path mmproj;
};

// The bundled model, beside the installed program or in the source tree that it was built from.
// Faults: not_found.
Result<BundledModel> bundled_model();

// The folder of samples (pictures, questions, scenarios, profiles), likewise. Faults: not_found.
Result<std::filesystem::path> bundled_samples();

}  // namespace fovea::app
