// Progress: how a long computation tells its caller how much of it is done, so that the caller can show a
// bar, or nothing.
//
// The caller names the computation; the computation only counts. It calls Progress on its own thread, with
// fractions that never fall.
#pragma once

#include <functional>

namespace fovea {

// Takes the finished part of the computation, 0 to 1. It may be empty: then nothing is reported.
using Progress = std::function<void(double fraction)>;

inline void report_progress(const Progress& progress, double fraction) {
  if (progress) progress(fraction);
}

}  // namespace fovea
