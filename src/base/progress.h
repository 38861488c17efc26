// Progress: how long work tells its caller how far it has come, so that a person can be shown a bar or nothing at all.
//
// The caller knows what to call the work; the work only counts. Called on the working thread, with fractions that never fall.
#pragma once

#include <functional>

namespace fovea {

// Takes the finished part of the work, 0 to 1. An empty function means that nobody is watching.
using Progress = std::function<void(double fraction)>;

inline void report_progress(const Progress& progress, double fraction) {
  if (progress) progress(fraction);
}

}  // namespace fovea
