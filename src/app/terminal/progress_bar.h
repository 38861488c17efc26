// ProgressBar: the progress of a piece of work, in one line of the terminal that is erased when the work is
// done.
//
// The bar appears after a moment, so that short work shows none. It is drawn only where standard error is a
// terminal, and not one called "dumb". Nothing is ever written to a file. Used by one thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace fovea::app {

class ProgressBar {
 public:
  // A bar that begins with `label`. Draws nothing yet.
  explicit ProgressBar(std::string label);
  // Erases the bar.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // `fraction` of the work, 0 to 1, is done. Cheap enough for every small step. `note`, such as "3 of 12",
  // stands behind the percentage, where there is room.
  void update(double fraction, std::string_view note = {});

 private:
  using Clock = std::chrono::steady_clock;

  std::string line(double fraction, double elapsed_s, std::string_view note) const;

  std::string label_;
  bool enabled_;
  bool colour_;
  bool drawn_ = false;
  Clock::time_point started_ = Clock::now();
  Clock::time_point last_drawn_;
};

}  // namespace fovea::app
