// Where the files that come with Fovea lie: the bundled model and its sample pictures.
#pragma once

#include <filesystem>

#include "fovea/result.h"

namespace fovea::app {

struct BundledModel {
  std::filesystem::path model;
  std::filesystem::path mmproj;
};

// The bundled model: beside the installed program, or in the source tree it was built from. Faults: not_found.
Result<BundledModel> bundled_model();

// The folder of sample pictures, likewise. Faults: not_found.
Result<std::filesystem::path> bundled_samples();

}  // namespace fovea::app
