// Layer lists: some of a decoder's layers as text: "all", or numbers and ranges such as "0-3,8,29". A pure
// function.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "fovea/result.h"

namespace fovea::llama {

// For each of the `layers` layers, whether `text` names it.
// Faults: invalid, with an example of a list, or with the number of layers.
Result<std::vector<bool>> parse_layers(std::string_view text, std::uint32_t layers);

}  // namespace fovea::llama
