// read_source: a picture file's bytes, from a path or, for "-", from standard input.
#pragma once

#include <string>

#include "fovea/blob.h"
#include "fovea/result.h"

namespace fovea::app {

// Faults: not_found, invalid (a folder), unavailable (cannot be read), too_large (over 32 MiB, which decode would
// refuse anyway).
Result<Blob> read_source(const std::string& path);

}  // namespace fovea::app
