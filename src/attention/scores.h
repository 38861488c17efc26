// Token scores: how much each token of a request mattered to the model, in [0, 1] (the paper, IV.B). Pure functions.
//
//   visual token   s = 0.7 * importance + 0.3 * spatial_concentration
//   text token     s = 0.5 * importance + 0.5 * recency
//
// The paper names the terms; these are our definitions. Each is a number in [0, 1] without a unit, so that the weights
// mean what they say, and s needs no further normalisation.
//
// importance             AttentionSum's importance of the token, divided by the greatest among the tokens of its kind
//                        (visual, or text) in the request; 0 where that is 0. By kind, because models park much of
//                        their attention on the first text tokens, beside which every picture would look unseen.
// spatial_concentration  the mean importance of the token and its neighbours (the 3x3 cells around it on its tile's
//                        grid; only those inside the grid), divided by the greatest such mean among all visual tokens
//                        of the request. An object is a region, and its cells hold each other up; a sink is one cell
//                        among cells that nobody looks at. Tiles are apart: what is near on the picture but in another
//                        tile does not count. In a run of one row the neighbours are the tokens to the left and right.
// recency                (place + 1) / number of text tokens, where place counts the text tokens of the request from 0:
//                        the last text token has 1. Pictures do not age the text before them.
#pragma once

#include <span>
#include <vector>

#include "attention/token_run.h"

namespace fovea {

// The weights of the paper, IV.B.
constexpr double visual_importance_weight = 0.7;
constexpr double visual_concentration_weight = 0.3;
constexpr double text_importance_weight = 0.5;
constexpr double text_recency_weight = 0.5;

// The score of each token of the runs, in [0, 1]. `importance` is by position; what it lacks counts as 0, and what it
// has beyond the runs (AttentionSum's padding), or that is negative or not finite, does not count.
// REQUIRES: are_sound(runs).
std::vector<float> token_scores(std::span<const double> importance, std::span<const TokenRun> runs);

}  // namespace fovea
