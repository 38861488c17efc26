// AnswerAttention: what an answer attended to, in numbers that can be stored and shown. Plain values; the
// functions are pure.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "attention/picture_map.h"
#include "attention/token_run.h"
#include "engine/attention_summary.h"

namespace fovea {

struct AnswerAttention {
  float importance = 0;     // of the response for its images' sake, [0, 1] (entry_importance.h)
  double visual_share = 0;  // of all attention, that on images, [0, 1]
  double probability = 1;   // geometric mean over the answer's tokens
  std::vector<TokenRun> runs;
  std::vector<double> received;  // of each token of the runs, in rows of attention (attention_sum.h)
  std::vector<float> scores;     // of each token of the runs, [0, 1] (scores.h)
  std::vector<PictureMap>
      pictures;  // the visual tokens' scores laid out on each image, in the order of the request's sources
};

// The importance alone; nullopt where the model told nothing, or the request has no image.
std::optional<float> importance_of(const AttentionSummary& summary);

// Everything; nullopt as above. `places` holds the places of each image's tiles; where there are none, the
// image has no map.
std::optional<AnswerAttention> attention_of(const AttentionSummary& summary,
                                            std::span<const std::vector<TilePlace>> places);

}  // namespace fovea
