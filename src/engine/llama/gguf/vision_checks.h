// Checks of the mmproj file alone: that it has a vision encoder and a projector that libmtmd knows, and that the
// numbers and tensors of both fit each other. libmtmd itself checks no shape: it asserts in the middle of a picture,
// or reads past an end. Thread-safe.
#pragma once

#include "engine/llama/gguf/gguf_file.h"
#include "fovea/result.h"

namespace fovea::llama {

// Accepts an mmproj that can be loaded. Faults: invalid without a vision encoder, unsupported for an unknown projector,
// corrupt for numbers and tensors that cannot be.
Result<void> check_vision(const GgufFile& mmproj);

}  // namespace fovea::llama
