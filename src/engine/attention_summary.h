// AttentionSummary: what a question and its answer looked at, gathered while the engine reads the one and writes the other.
//
// The rows that count are those of text tokens behind the first picture of the prompt (tokens before it cannot see it,
// and what stands between two tiles of a picture is markup, not a question) and of
// the answer's tokens. Positions are as in TokenRun: a token's place among all that the decoder has read. A plain
// value, filled by one request at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "attention/attention_sum.h"
#include "attention/token_run.h"

namespace fovea {

// The part of its picture that a tile shows, in fractions of the picture's width and height from its top left corner.
// It may reach beyond the picture, where the model sees bars.
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
  double log_probability = 0;  // of the answer's tokens, each given what came before, summed; natural logarithm
  std::int32_t tokens = 0;     // the answer's, over which it is summed
};

}  // namespace fovea
