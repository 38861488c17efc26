// salt: makes the hashes of an audited request depend on a secret, so that who has a recorded log, but not
// the secret beside it, cannot try whether a guessed prompt is in it. A pure function.
#pragma once

#include "audit/audited_request.h"
#include "fovea/key.h"

namespace fovea::serve {

// Replaces every hash in `request` by its keyed hash under `secret`. Equal ones stay equal and unequal ones
// unequal, so a log of one secret says what it said before; logs of two secrets have nothing in common.
// A picture's look is turned over by a mask, which leaves how many bits of two of them differ: it is guarded
// only against who knows no picture of the log.
void salt(AuditedRequest& request, const Key& secret);

}  // namespace fovea::serve
