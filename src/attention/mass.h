// mass(): attention as something that can be summed and divided. What no soft-max gives (negative, infinite, not a
// number) is none.
#pragma once

#include <cmath>
#include <concepts>

namespace fovea {

template <std::floating_point T>
T mass(T weight) {
  return std::isfinite(weight) && weight > 0 ? weight : T{0};
}

}  // namespace fovea
