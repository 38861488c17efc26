// TokenRun: what a stretch of a request's positions holds, text or a tile, so that attention on text can be
// told from attention on an image.
//
// A position is a token's place in the decoder's sequence, counted from 0 (not its rotary position, which the
// tokens of an image may share). A request is its runs in order: text, a tile, text, a tile, the answer.
// Plain values.
#pragma once

#include <cstdint>
#include <span>

namespace fovea {

// Bounds the memory of one request to 8 MiB of sums. It is four times the longest context that
// vision-language models are trained for.
constexpr std::uint32_t positions_max = 1U << 20;

// A stretch of text tokens, or all the tokens of one tile of one image, row by row.
struct TokenRun {
  std::uint32_t first = 0;  // position of the run's first token
  std::uint32_t count = 0;  // tokens, at least 1
  bool visual = false;
  // Of visual runs only.
  std::uint32_t image = 0;    // which image of the request
  std::uint32_t tile = 0;     // which tile of that image
  std::uint32_t columns = 0;  // the grid that the tokens lie on: columns * rows == count;
  std::uint32_t rows = 0;     // one row of `count` where the model keeps no grid
};

// Whether the runs follow one another from position 0 without gap or overlap, none is empty, every grid has
// as many cells as its run has tokens, and all runs together have at most positions_max tokens.
bool are_sound(std::span<const TokenRun> runs);

// How many tokens all runs have. REQUIRES: are_sound(runs).
std::uint32_t token_count(std::span<const TokenRun> runs);

}  // namespace fovea
