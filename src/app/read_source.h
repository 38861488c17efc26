// read_source: the bytes of a picture file, from a path or, for "-", from standard input. Not for two threads
// at once where both read standard input.
#pragma once

#include <string>
#include <vector>

#include "fovea/blob.h"
#include "fovea/result.h"
#include "pipeline/image_source.h"

namespace fovea::app {

// Faults: not_found, invalid (a folder), unavailable (cannot be read), too_large (more than 32 MiB, which
// decode() would refuse).
Result<Blob> read_source(const std::string& path);

// The pictures of the file at `path`: itself, or the frames of a video, two a second, and at most 32 spread
// evenly. Faults: those of read_source; for a video, those of VideoClips::open, with its name in front.
Result<std::vector<ImageSource>> read_pictures(const std::string& path);

}  // namespace fovea::app
