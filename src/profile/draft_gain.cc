#include "profile/draft_gain.h"

#include <algorithm>

#include "base/check.h"

namespace fovea {

double step_ms(std::span<const BatchTime> batches, std::uint32_t tokens) {
  check(!batches.empty(), "some step was measured");
  if (batches.size() == 1 || tokens <= batches.front().tokens) return batches.front().ms;
  std::size_t above = 1;
  while (above + 1 < batches.size() && batches[above].tokens < tokens) ++above;
  const BatchTime &low = batches[above - 1], &high = batches[above];
  const double part = static_cast<double>(tokens - low.tokens) / static_cast<double>(high.tokens - low.tokens);
  return std::max(low.ms + part * (high.ms - low.ms), 1e-6);
}

double draft_gain(std::span<const BatchTime> batches, std::uint32_t drafted, double accepted) {
  double tokens = 0, chance = 1;  // that all drafted tokens before are right
  for (std::uint32_t i = 0; i <= drafted; ++i, chance *= accepted) tokens += chance;
  return tokens * step_ms(batches, 1) / step_ms(batches, drafted + 1);
}

std::optional<double> break_even(std::span<const BatchTime> batches, std::uint32_t drafted) {
  if (draft_gain(batches, drafted, 1) < 1) return std::nullopt;
  double low = 0, high = 1;  // the gain grows with the chance
  for (int i = 0; i < 40; ++i) {
    const double middle = (low + high) / 2;
    (draft_gain(batches, drafted, middle) < 1 ? low : high) = middle;
  }
  return high;
}

}  // namespace fovea
