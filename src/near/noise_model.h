// NoiseModel: how much a source's cells change from frame to frame while nothing happens, learnt from
// consecutive frames of that source alone.
//
// The noise of a cell's mean is estimated from cells' means and that of its spread from spreads, for each
// size of cells: resizing and JPEG make neighbours' noise alike, so none follows from another. It depends on
// the level; and cells are noisier than that where JPEG rounds edges to its steps, which is learnt from all
// cells of as much contrast, and of each cell. Where a few change by far more than their likes, things
// change, a display's digits for one; learning what they do as noise would hide them, so the source has noise
// that cannot be used. Bounded; not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "near/pair_noise.h"
#include "near/tile_cells.h"

namespace fovea {

class NoiseModel {
 public:
  // Of consecutive frames. With fewer, a single odd pair could set the noise; the median of more follows a
  // change of light later.
  static constexpr std::size_t pairs_min = 8;
  static constexpr std::size_t pairs_kept = 16;
  // Above this standard deviation of the mean of 4 by 4 values, in levels of 255, it is taken for motion: a
  // sensor's noise is up to 4 levels a value, and a quarter of that in such a mean.
  static constexpr float levels_max = 3;
  // What cells of as much contrast usually do: nine in ten have no larger variance.
  static constexpr double usual_share = 0.9;
  // Above this many times the usual variance, things change in a cell. JPEG's cells have up to 5 times, some
  // up to 10; a digit of six values' height that changes has 13 and more.
  static constexpr float changing_min = 12;
  // With so many of these numbers it may be JPEG yet: a digit changes means and spreads, in most channels.
  static constexpr std::size_t changing_max = 3;

  // `level` is one of 255 levels of brightness, in the input's units.
  explicit NoiseModel(float level) : level_(level) {}

  // Learns from two consecutive frames of the same size. Frames that are equal, or equal nearly everywhere,
  // tell nothing; so many of them in a row that there may be no noise any more begin anew.
  void learn(const TileCells& before, const TileCells& now);

  // Whether enough was learnt, and it is noise: not too strong, averaged out by larger cells, and with no
  // place where things change all the time.
  bool usable() const;
  bool learnt() const { return pairs_ >= pairs_min; }

  // The variance of one frame's value in cell `index` of a tile's grid, by its level and contrast there.
  // REQUIRES: learnt.
  float variance(std::size_t grid, CellStatistic statistic, std::size_t index, const CellGrid& cells) const;

  // The standard deviation of the mean of 4 by 4 values, over all levels.
  float cell_noise() const;

 private:
  // What one size of cells does, in variances of the model.
  struct Cells {
    std::vector<float> own;     // by cell; what happens once leaves little
    std::vector<float> change;  // by cell; what happens once leaves much
    float contrast = 0;         // the spread above which the second usual variance is meant
    std::array<float, 2> usual{1, 1};

    float usual_of(float spread) const { return usual[spread > contrast ? 1 : 0]; }
    bool changing(std::size_t index, float spread) const { return change[index] > changing_min * usual_of(spread); }
  };

  void summarise();
  void learn_cells(const TileCells& before, const TileCells& now);
  void learn_usual(Cells& cells, const CellGrid& grid);
  float floor(std::size_t grid, CellStatistic statistic, bool bright) const;

  float level_;
  std::size_t pairs_ = 0;    // learnt from; counts to pairs_kept
  std::size_t next_ = 0;     // place in `kept_`
  std::size_t unmoved_ = 0;  // pairs in a row that told nothing
  std::array<PairNoise, pairs_kept> kept_;
  PairNoise model_;
  std::array<std::array<Cells, cell_statistics>, cell_sides.size()> cells_;  // by grid
  std::size_t changing_ = 0;
};

}  // namespace fovea
