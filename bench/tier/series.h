// Series: the times of one step that is taken again and again, in milliseconds. A plain value.
#pragma once

#include <vector>

#include "base/clock.h"
#include "report/statistics.h"

namespace fovea::bench {

struct Series {
  std::vector<double> ms;

  template <typename Step>
  void time(const Step& step) {
    const Stopwatch watch;
    step();
    ms.push_back(watch.elapsed_ms());
  }
  double quantile(double part) const { return percentile(ms, part); }
  double median() const { return quantile(0.5); }
};

}  // namespace fovea::bench
