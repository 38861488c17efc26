// read_source: the bytes of a picture file, from a path or, for "-", from standard input. Not for two threads
// at once where both read standard input.
#pragma once

#include <string>

#include "fovea/blob.h"
#include "fovea/result.h"

namespace fovea::app {

// Faults: not_found, invalid (a folder), unavailable (cannot be read), too_large (more than 32 MiB, which
// decode() would refuse).
Result<Blob> read_source(const std::string& path);

}  // namespace fovea::app
