// From attention to the importance of a stored response (level.h: EntryTerms). Pure functions.
//
// An embedding has no attention of its own; coherence (coherence.h) gives it that of the responses made from it.
#pragma once

#include <span>

#include "attention/token_run.h"

namespace fovea {

// How visual an answer was: the attention on the visual tokens of the request over that on all its tokens, in [0, 1]; 0
// where there was none. `importance` is AttentionSum's, of the rows of the question and the answer, and is read as
// token_scores does. Models park much of their attention on the first tokens whatever they are asked, so it is seldom
// near 1: compare, don't judge.
// REQUIRES: are_sound(runs).
double visual_share(std::span<const double> importance, std::span<const TokenRun> runs);

// How much a response matters for its picture's sake: sqrt(visual_share * probability), in [0, 1], where `probability`
// is the geometric mean of the probabilities that the model gave to the tokens it chose (how sure it was). Both are
// clamped to [0, 1].
//
// The geometric mean, because neither makes up for the other: an answer that is sure but blind would have come without
// the picture, and one that is visual but guessed will be asked for again in other words. Either is worth little to
// keep, while the arithmetic mean would put it in the middle.
float response_importance(double visual_share, double probability);

}  // namespace fovea
