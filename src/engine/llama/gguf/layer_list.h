// Layer lists: which of a decoder's layers, in words: "all", or numbers and ranges such as "0-3,8,29". Pure functions.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "fovea/result.h"

namespace fovea::llama {

// For each of the `layers` layers, whether `text` names it. Faults: invalid, with what a list looks like or how many layers
// there are.
Result<std::vector<bool>> parse_layers(std::string_view text, std::uint32_t layers);

}  // namespace fovea::llama
