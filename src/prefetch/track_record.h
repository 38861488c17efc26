// TrackRecord: how often predictions of one sort came true, with the last ones counting most. A plain value.
#pragma once

#include <cmath>

namespace fovea {

struct TrackRecord {
  // Beyond so many, older predictions fade: what is predicted changes with time.
  static constexpr double weight_max = 64;

  double made = 0;
  double right = 0;

  void add(bool came_true, double made_max = weight_max) {
    if (made >= made_max) {
      right *= (made_max - 1) / made;
      made = made_max - 1;
    }
    made += 1;
    if (came_true) right += 1;
  }

  // The share of right ones, in [0, 1]; 0 where none was made.
  double mean() const { return made > 0 ? right / made : 0; }

  // The same as if at most `made_max` had been made.
  TrackRecord at_most(double made_max) const {
    if (made <= made_max) return *this;
    return {.made = made_max, .right = mean() * made_max};
  }

  friend TrackRecord operator+(const TrackRecord& a, const TrackRecord& b) {
    return {.made = a.made + b.made, .right = a.right + b.right};
  }

  // The share of right ones that is exceeded with a confidence of 80 %: the lower end of Wilson's interval
  // (E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927).
  double at_least() const {
    constexpr double z = 0.8416;  // of the normal distribution: one side, 80 %
    if (made <= 0) return 0;
    const double p = mean();
    const double spread = z * std::sqrt((p * (1 - p) + z * z / (4 * made)) / made);
    return (p + z * z / (2 * made) - spread) / (1 + z * z / made);
  }
};

}  // namespace fovea
