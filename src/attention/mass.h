// mass: an attention weight that can be summed and divided. Numbers that no soft-max gives (negative,
// infinite, NaN) count as 0. A pure function.
#pragma once

#include <cmath>
#include <concepts>

namespace fovea {

template <std::floating_point T>
T mass(T weight) {
  return std::isfinite(weight) && weight > 0 ? weight : T{0};
}

}  // namespace fovea
