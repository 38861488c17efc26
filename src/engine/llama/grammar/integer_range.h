// integer_range: the whole numbers from one to another as digits, in GBNF. Pure; thread-safe.
#pragma once

#include <cstdint>
#include <string>

namespace fovea::llama {

// No number in a grammar has more digits than this one.
inline constexpr std::int64_t integer_most = 999'999'999'999'999'999;

// Exactly the numbers from `least` to `most` in JSON's spelling; 0 has no sign.
// REQUIRES: -integer_most <= least <= most <= integer_most.
std::string integer_range(std::int64_t least, std::int64_t most);

}  // namespace fovea::llama
