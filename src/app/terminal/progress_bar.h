// ProgressBar: how far a piece of work has come, in one line of the terminal that goes away when the work is done.
//
// Only work that lasts is worth a bar: it appears after a moment, and only where standard error is a terminal (and not one
// called "dumb"); redirected to a file, nothing is ever written. Used by one thread.
#pragma once

#include <chrono>
#include <string>

namespace fovea::app {

class ProgressBar {
 public:
  // A bar that begins with `label`. Draws nothing yet.
  explicit ProgressBar(std::string label);
  // Erases what was drawn.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // `fraction` of the work, 0 to 1, is done. Cheap enough to be called for every small step.
  void update(double fraction);

 private:
  using Clock = std::chrono::steady_clock;

  std::string line(double fraction, double elapsed_s) const;

  std::string label_;
  bool enabled_;
  bool colour_;
  bool drawn_ = false;
  Clock::time_point started_ = Clock::now();
  Clock::time_point last_drawn_;
};

}  // namespace fovea::app
