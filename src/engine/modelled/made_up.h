// Bytes that nothing computed: they follow from a name alone, so whoever has the name can check them. They
// are float32 numbers between -0.5 and 0.5, and do not compress. Pure functions.
#pragma once

#include <cstddef>
#include <span>

#include "fovea/key.h"

namespace fovea {

// Fills `bytes`. Names that differ give other bytes.
void make_up(const Key& name, std::span<std::byte> bytes);

// A hash of how long some bytes are, and of their ends: of made-up bytes, it tells their name apart from all
// others.
Key told_apart(std::span<const std::byte> bytes);

}  // namespace fovea
