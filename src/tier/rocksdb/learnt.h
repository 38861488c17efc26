// What the disk's policy has learnt, as the bytes of a note. Pure functions.
#pragma once

#include <optional>
#include <span>

#include "cache/policy/reuse_memory.h"
#include "store/byte_io.h"

namespace fovea {

// docs/format.md, "What the disk has learnt".
ByteWriter written(const ReuseMemory& memory);
// nullopt where the bytes are none of this version.
std::optional<ReuseMemory> reuse_memory_in(std::span<const std::byte> bytes);

}  // namespace fovea
