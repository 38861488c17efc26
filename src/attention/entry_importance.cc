#include "attention/entry_importance.h"

#include <algorithm>
#include <cmath>

#include "attention/mass.h"
#include "base/check.h"

namespace fovea {

double visual_share(std::span<const double> importance, std::span<const TokenRun> runs) {
  check(are_sound(runs), "the runs of a request follow one another");
  const std::span known = importance.first(std::min<std::size_t>(importance.size(), token_count(runs)));
  double greatest = 0;  // all are divided by it, so that no sum overflows
  for (const double weight : known) greatest = std::max(greatest, mass(weight));
  if (greatest == 0) return 0;
  double visual = 0;
  double all = 0;
  for (const TokenRun& run : runs) {
    for (std::size_t at = run.first; at < std::min<std::size_t>(run.first + run.count, known.size()); ++at) {
      const double part = mass(known[at]) / greatest;
      all += part;
      if (run.visual) visual += part;
    }
  }
  return visual / all;
}

float response_importance(double visual_share, double probability) {
  const double product = std::min(1.0, mass(visual_share)) * std::min(1.0, mass(probability));
  return static_cast<float>(std::sqrt(product));
}

}  // namespace fovea
