// The source key names the bytes a client sent, so that the same file seen again need not be decoded: a bounded alias
// table leads from source key to image key.
//
// Decoding is a function of these bytes alone (limits only refuse), so no option belongs into the key. It does depend
// on the decoding libraries: an alias must not outlive the process that made it.
#pragma once

#include <cstddef>
#include <span>

#include "fovea/key.h"

namespace fovea {

// The name of these source bytes, all of them.
Key source_key(std::span<const std::byte> source);

}  // namespace fovea
