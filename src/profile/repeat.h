// median_of: a measurement that is repeated, but not for long: its median. For one thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <vector>

#include "base/clock.h"
#include "fovea/result.h"

namespace fovea {

// The middle one, or the mean of the two in the middle. REQUIRES: values is not empty.
inline double median(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

// A measurement is made `times_max` times, or fewer: none begins once they took `ms_max` together.
struct Repeats {
  std::size_t times_max = 5;
  double ms_max = 2000;
};

// The median of what `measure` returns, in milliseconds. The first fault of `measure` ends it.
inline Result<double> median_of(const Repeats& repeats, const std::function<Result<double>()>& measure) {
  const Stopwatch watch;
  std::vector<double> taken;
  do {
    const auto ms = measure();
    if (!ms) return ms;
    taken.push_back(*ms);
  } while (taken.size() < repeats.times_max && watch.elapsed_ms() < repeats.ms_max);
  return median(std::move(taken));
}

}  // namespace fovea
