// source_key: names the bytes that a client sent. A bounded alias table leads from source key to image key,
// so that a file that came before need not be decoded again. A pure function; thread-safe.
//
// Decoding depends on these bytes and on the libraries that decode them (decoders, in vips.h): limits only
// refuse, so no option belongs in the key. An alias may outlive the process that made it, since another build
// of a library makes other keys.
#pragma once

#include <cstddef>
#include <span>

#include "fovea/key.h"

namespace fovea {

// The hash of all these source bytes and of the decoding libraries.
Key source_key(std::span<const std::byte> source);

}  // namespace fovea
