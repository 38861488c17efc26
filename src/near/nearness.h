// is_near: whether a tile differs from an earlier one of its source by no more than that source's noise. A
// pure function.
#pragma once

#include <cstddef>
#include <cstdint>

#include "near/noise_model.h"
#include "near/tile_cells.h"

namespace fovea {

enum class Nearness : std::uint8_t {
  near,
  changed,  // some cell by more than noise
  lighter,  // the whole tile is brighter or darker
};

// A still tile is refused about once in 100 frames: each of its cells' values has its part of that.
inline constexpr double false_alarm = 0.01;
// How far the tile's mean may go, in standard deviations of the noise of 4 by 4 values' mean. Drift adds up
// over a whole picture, where noise does not, so it is bounded well before single cells show it.
inline constexpr float drift_max = 0.5F;

// REQUIRES: both have one size, and the noise is usable.
Nearness nearness(const TileCells& reference, const TileCells& now, const NoiseModel& noise);

}  // namespace fovea
