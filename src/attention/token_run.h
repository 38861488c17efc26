// TokenRun: where the positions of a request came from, so that a weight on a position can be told from one on a
// picture.
//
// A position is a token's place in the decoder's sequence, counted from 0 (not its rotary position, which the tokens of
// a picture may share). A request is its runs in order: text, a tile, text, a tile, the answer. Plain values.
#pragma once

#include <cstdint>
#include <span>

namespace fovea {

// Bounds what one request may make us hold: 8 MiB of sums, and four times the longest context that models are trained
// for while they read pictures.
constexpr std::uint32_t positions_max = 1U << 20;

// A stretch of text tokens, or all the tokens of one tile of one image, row by row.
struct TokenRun {
  std::uint32_t first = 0;  // position of the run's first token
  std::uint32_t count = 0;  // tokens, at least 1
  bool visual = false;
  // Of visual runs only.
  std::uint32_t image = 0;    // which picture of the request
  std::uint32_t tile = 0;     // which tile of that picture
  std::uint32_t columns = 0;  // the grid that the tokens lie on: columns * rows == count;
  std::uint32_t rows = 0;     // one row of `count` where the model keeps no grid
};

// Whether the runs follow one another from position 0 without gap or overlap, none is empty, every grid has as many
// cells as its run has tokens, and all are at most positions_max tokens.
bool are_sound(std::span<const TokenRun> runs);

// The tokens of all runs. REQUIRES: are_sound(runs).
std::uint32_t token_count(std::span<const TokenRun> runs);

}  // namespace fovea
