// check_generate: the numbers of GenerateOptions, whatever engine they are for. Pure function.
#pragma once

#include <cstdint>

#include "engine/engine.h"
#include "fovea/result.h"

namespace fovea {

// Faults: invalid for a number out of its range, for too many biased tokens, and for one that is not among
// the `vocabulary` tokens.
Result<void> check_generate(const GenerateOptions& options, std::int32_t vocabulary);

}  // namespace fovea
