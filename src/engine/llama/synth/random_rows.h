// Random rows: rows of random numbers that are the same on every machine. Each element is a function of the
// seed, the tensor and its index alone.
//
// Integers are mixed and added, then scaled with one rounding, so no library's sine, logarithm or order of
// summation plays a part. Any piece can be drawn by itself, so threads share the work. Functions are
// thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/llama/synth/synth_plan.h"

namespace fovea::llama {

// The seed of one tensor's numbers.
std::uint64_t tensor_seed(std::uint64_t seed, std::string_view file, std::string_view tensor);

// Fills `bytes` with the piece's rows drawn as `draw` says, converted to the piece's type, on all cores.
void draw_rows(std::uint64_t seed, const Draw& draw, const TensorPiece& piece, std::span<std::byte> bytes);

}  // namespace fovea::llama
