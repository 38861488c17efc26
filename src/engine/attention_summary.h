// AttentionSummary: what a question and its answer attended to, summed up while the prompt is prefilled and
// the answer is decoded.
//
// The rows that count are those of the answer's tokens, and of the prompt's text tokens behind its first
// image. Tokens before that image cannot see it. Text between two tiles of an image is markup and not a
// question, so it does not count either. Positions are as in TokenRun: a token's place in the decoder's
// sequence. A plain value, filled by one request at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "attention/attention_sum.h"
#include "attention/token_run.h"

namespace fovea {

// The part of its image that a tile shows, in fractions of the image's width and height from its top left
// corner. It may reach beyond the image, where the model sees bars.
struct TilePlace {
  double x = 0;
  double y = 0;
  double width = 1;
  double height = 1;
  friend bool operator==(const TilePlace&, const TilePlace&) = default;
};

struct AttentionSummary {
  AttentionSum sum;
  std::vector<TokenRun> runs;  // the prompt's, and one for the answer
  double log_probability = 0;  // natural logarithms of the probabilities of the answer's tokens, summed
  std::int32_t tokens = 0;     // the answer's tokens, over which it is summed
};

}  // namespace fovea
