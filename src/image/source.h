// source_key: names the bytes that a client sent. A bounded alias table leads from source key to image key,
// so that a file that came before need not be decoded again. A pure function; thread-safe.
//
// Decoding depends on these bytes alone (limits only refuse), so no option belongs in the key. It also
// depends on the decoding libraries, so an alias must not outlive the process that made it.
#pragma once

#include <cstddef>
#include <span>

#include "fovea/key.h"

namespace fovea {

// The hash of all these source bytes.
Key source_key(std::span<const std::byte> source);

}  // namespace fovea
