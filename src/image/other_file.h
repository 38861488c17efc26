// other_file: what bytes are that no decoder reads: an SVG, a film, a web page, base64 once too often. So the
// error of a wrong file tells what was seen and what to send instead. A pure function; thread-safe.
#pragma once

#include <cstddef>
#include <span>

#include "fovea/result.h"

namespace fovea {

// The error (invalid) of bytes of which format_of() says none. It names their kind, and never repeats them.
Error not_read(std::span<const std::byte> source);

}  // namespace fovea
