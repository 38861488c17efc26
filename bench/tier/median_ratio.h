// median_ratio: how many times as long one of two things takes, of times that were measured in turns.
//
// The ratio of the medians, which a few slow moments of the machine do not move, with the 2.5th and 97.5th
// percentiles of 2,000 resamplings of the pairs. Seeded: the same times give the same interval. A pure
// function.
#pragma once

#include <cstddef>
#include <random>
#include <span>
#include <vector>

#include "base/check.h"
#include "report/statistics.h"

namespace fovea::bench {

// REQUIRES: a pair; positive times.
inline Estimate median_ratio(std::span<const double> above, std::span<const double> below) {
  check(!above.empty() && above.size() == below.size(), "times in pairs");
  std::vector<double> one(above.begin(), above.end()), other(below.begin(), below.end());
  const auto ratio = [&] { return percentile(one, 0.5) / percentile(other, 0.5); };
  Estimate estimate{.value = ratio()};
  std::mt19937_64 random(1);
  std::vector<double> ratios;
  for (int sample = 0; sample < 2000; ++sample) {
    for (std::size_t i = 0; i < above.size(); ++i) {
      const std::size_t chosen = random() % above.size();
      one[i] = above[chosen];
      other[i] = below[chosen];
    }
    ratios.push_back(ratio());
  }
  estimate.low = percentile(ratios, 0.025);
  estimate.high = percentile(ratios, 0.975);
  return estimate;
}

}  // namespace fovea::bench
