// Spoilers that a request shows by itself, by what PlacedRequest says of it: copies of pictures, and repeats
// that no stored answer can serve. Pure functions.
#pragma once

#include "audit/costs/model_costs.h"
#include "audit/spoilers/spoiler_table.h"

namespace fovea {

void see_picture_copies(const PlacedRequest& placed, SpoilerTable& table);
void see_unstored_repeat(const PlacedRequest& placed, SpoilerTable& table);

}  // namespace fovea
