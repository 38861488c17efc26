// Entry importance: the importance of a stored response (level.h: EntryTerms), from its attention. Pure
// functions.
//
// An embedding has no attention of its own; coherence (coherence.h) gives it the importance of the responses
// made from it.
#pragma once

#include <span>

#include "attention/token_run.h"

namespace fovea {

// How visual an answer was: the attention on the request's visual tokens divided by that on all its tokens,
// in [0, 1]; 0 where there was none. `importance` is AttentionSum's, of the rows of the question and the
// answer, and is treated as by token_scores. Models put much of their attention on the first tokens for any
// question, so the share is seldom near 1. It is for comparing answers, not for judging one.
// REQUIRES: are_sound(runs).
double visual_share(std::span<const double> importance, std::span<const TokenRun> runs);

// How much a response depends on its image: sqrt(visual_share * probability), in [0, 1]. `probability` is the
// geometric mean of the probabilities that the model gave to the tokens it chose (how sure it was). Both are
// clamped to [0, 1].
//
// It is a geometric mean because neither makes up for the other. A sure answer that does not use the image
// would have come without it. A visual answer that was guessed will be asked for again in other words. Either
// is of little value to store; an arithmetic mean would put it in the middle.
float response_importance(double visual_share, double probability);

}  // namespace fovea
