#include "near/normal_values.h"

#include <cmath>
#include <numbers>

namespace fovea {

// By bisection of the distribution's tail, in 40 steps of some nanoseconds.
float largest_of_normal(std::size_t count, double beyond) {
  const double each = beyond / static_cast<double>(count);
  double low = 0, high = 20;
  for (int step = 0; step < 40; ++step) {
    const double middle = (low + high) / 2;
    (std::erfc(middle / std::numbers::sqrt2) > each ? low : high) = middle;
  }
  return static_cast<float>(high);
}

}  // namespace fovea
