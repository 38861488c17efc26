// A profile's costs for `fovea replay`: a trace as if this model on this machine had computed it.
//
// Pure functions; thread-safe.
#pragma once

#include "profile/profile.h"
#include "trace/model_profile.h"
#include "trace/trace.h"

namespace fovea {

// For questions, which have neither sizes nor costs. Pictures have the tiles of the profile's load, and the
// lengths of answers vary about its mean as those of short answers do.
ModelProfile model_profile_of(const ModelTimes& model);

// Sets the costs of all look-ups, in place of those that the trace had. Sizes stay, and say how much there
// was to compute: an embedding's how many tiles, a prefix's how many tokens, a response's the tokens of its
// text. A response costs them and everything else in its request.
void set_costs(Trace& trace, const ModelTimes& model);

}  // namespace fovea
