// Timed: adds a scope's milliseconds to a stage of the report.
#pragma once

#include "base/clock.h"

namespace fovea {

class Timed {
 public:
  explicit Timed(double& stage_ms) : stage_ms_(stage_ms) {}
  ~Timed() { stage_ms_ += watch_.elapsed_ms(); }
  Timed(const Timed&) = delete;
  Timed& operator=(const Timed&) = delete;

 private:
  double& stage_ms_;
  Stopwatch watch_;
};

}  // namespace fovea
