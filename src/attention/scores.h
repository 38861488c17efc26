// Token scores: how much each token of a request mattered to the model, in [0, 1] (the paper, IV.B). Pure
// functions.
//
//   visual token   s = 0.7 * importance + 0.3 * spatial_concentration
//   text token     s = 0.5 * importance + 0.5 * recency
//
// The paper names the terms; these are our definitions. Each term is a number in [0, 1] without a unit, so
// that the weights have their stated meaning, and s needs no normalisation.
//
// importance             AttentionSum's importance of the token, divided by the greatest among the request's
//                        tokens of its kind (visual, or text); 0 where that is 0. By kind, because models put
//                        much of their attention on the first text tokens, beside which every image would
//                        seem unimportant.
// spatial_concentration  the mean importance of the token and its neighbours (the 3x3 cells around it on its
//                        tile's grid; only those inside the grid), divided by the greatest such mean among
//                        all visual tokens of the request. An object is a region, so its cells raise each
//                        other's mean; an attention sink is one cell among cells without attention. Tiles are
//                        separate: a neighbour on the image in another tile does not count. In a run of one
//                        row the neighbours are to the left and right.
// recency                (place + 1) / number of text tokens, where place counts the text tokens of the
//                        request from 0: the last text token has 1. Visual tokens are not counted.
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

// The score of each token of the runs, in [0, 1]. `importance` is by position. Missing positions count as 0,
// and so do negative and infinite numbers and NaN; positions beyond the runs (AttentionSum's padding) are
// ignored.
// REQUIRES: are_sound(runs).
std::vector<float> token_scores(std::span<const double> importance, std::span<const TokenRun> runs);

}  // namespace fovea
