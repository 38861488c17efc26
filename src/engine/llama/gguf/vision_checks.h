// Checks of the mmproj file alone: it must have a vision encoder and a projector that libmtmd knows, and the
// numbers and tensors of both must fit each other. libmtmd itself checks no shape: it asserts in the middle
// of an encode, or reads past an end. Pure functions; thread-safe.
#pragma once

#include "engine/llama/gguf/gguf_file.h"
#include "fovea/result.h"

namespace fovea::llama {

// Accepts an mmproj that can be loaded.
// Faults: invalid without a vision encoder, unsupported for an unknown projector, corrupt for impossible
// numbers and tensors.
Result<void> check_vision(const GgufFile& mmproj);

}  // namespace fovea::llama
