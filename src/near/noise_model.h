// NoiseModel: how much a source's cells change from frame to frame while nothing happens, learnt from
// consecutive frames of that source alone.
//
// The noise of a cell's mean is estimated from cells' means and that of its spread from spreads, for each
// size of cells: resizing and JPEG make neighbours' noise alike, so none follows from another. It depends on
// the level (variance = a + b * level, kept between bounds), and single cells may be noisier than that, which
// is learnt up to a bound. Bounded; not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "near/tile_cells.h"

namespace fovea {

enum class CellStatistic : std::uint8_t { mean, spread };
inline constexpr std::size_t cell_statistics = 2;

class NoiseModel {
 public:
  // Of consecutive frames. With fewer, a single odd pair could set the noise; the median of more follows a
  // change of light later.
  static constexpr std::size_t pairs_min = 8;
  static constexpr std::size_t pairs_kept = 16;
  // Above this standard deviation of the mean of 4 by 4 values, in levels of 255, it is taken for motion: a
  // sensor's noise is up to 4 levels a value, and a quarter of that in such a mean.
  static constexpr float levels_max = 3;
  // A cell's variance is learnt up to this many times the model's. Above restless_noise_max it is a place
  // where things change, a display's digits for one: nothing is allowed for it, or they would be learnt as
  // noise.
  static constexpr float restless_max = 9;
  // Nor does it say anything of the noise's tail.
  static constexpr float restless_noise_max = 2;

  // Noise has a longer tail than a normal distribution where JPEG makes steps of it. It is learnt up to this
  // many times a normal one's.
  static constexpr float tail_max = 2;
  // And both together allow this many times a normal value's deviation at most.
  static constexpr float allowance_max = 2;

  // `level` is one of 255 levels of brightness, in the input's units.
  explicit NoiseModel(float level) : level_(level) {}

  // Learns from two consecutive frames of the same size. Frames that are equal, or equal nearly everywhere,
  // tell nothing; so many of them in a row that there may be no noise any more begin anew.
  void learn(const TileCells& before, const TileCells& now);

  // Whether enough was learnt, and it is noise: not too strong, and averaged out by larger cells.
  bool usable() const;
  bool learnt() const { return pairs_ >= pairs_min; }

  // The variance of one frame's value of cell `index` (as in CellGrid), whose mean is about `mean`, with what
  // is allowed for the cell's own noise and for the tail.
  float variance(std::size_t grid, CellStatistic statistic, std::size_t index, float mean) const;

  // How much further than normal values the largest of a grid's lie from 0, from 1 to tail_max.
  float tail(std::size_t grid, CellStatistic statistic) const;

  // The standard deviation of the mean of 4 by 4 values, over all levels.
  float cell_noise() const;

 private:
  // The variance of dark and of bright cells, and their levels. Between and around them it is a line.
  struct Line {
    float dark_level = 0, dark = 0, bright_level = 0, bright = 0;
    float at(float level) const;
  };
  using Lines = std::array<std::array<Line, cell_statistics>, cell_sides.size()>;

  static bool measure(const TileCells& before, const TileCells& now, Lines& lines);
  void summarise();
  // The largest difference of each grid, in standard deviations of what was learnt before.
  using Largest = std::array<std::array<float, cell_statistics>, cell_sides.size()>;
  Largest largest(const TileCells& before, const TileCells& now) const;
  void learn_tails();
  void learn_cells(const TileCells& before, const TileCells& now);
  float floor(std::size_t grid, std::size_t statistic) const;

  float level_;
  std::size_t pairs_ = 0;    // learnt from; counts to pairs_kept
  std::size_t next_ = 0;     // place in `kept_`
  std::size_t unmoved_ = 0;  // pairs in a row that told nothing
  std::array<Lines, pairs_kept> kept_;
  std::array<Largest, pairs_kept> largest_{};  // 0 where nothing was learnt before
  Lines model_;
  Largest tails_{};
  // By grid and statistic: each cell's variance in those of the model.
  std::array<std::array<std::vector<float>, cell_statistics>, cell_sides.size()> restless_;
};

}  // namespace fovea
