// What a modelled engine answers: that it is made up, and a number that follows from everything the decoder
// was fed. So an answer from a wrong entry differs from the right one. Pure function.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/modelled/modelled_times.h"
#include "fovea/key.h"

namespace fovea {

// The tokens of an answer of this length; `fed` names what it follows from.
std::vector<std::int32_t> made_answer(const ModelledTimes& times, const Key& fed, std::uint32_t tokens);

}  // namespace fovea
