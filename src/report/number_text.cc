#include "report/number_text.h"

#include <algorithm>
#include <cmath>
#include <format>

namespace fovea {

namespace {

// The digits behind the point that give `digits` significant ones.
int decimals_of(double value, int digits = 3) {
  if (value == 0 || !std::isfinite(value)) return 0;
  return std::clamp(digits - 1 - static_cast<int>(std::floor(std::log10(std::abs(value)))), 0, 6);
}

}  // namespace

std::string number_text(double value) { return std::format("{:.{}f}", value, decimals_of(value)); }

std::string mean_text(const Estimate& estimate) {
  const double half = (estimate.high - estimate.low) / 2;
  if (!(half > 0)) return number_text(estimate.value);
  const int decimals = decimals_of(half, 2);
  return std::format("{:.{}f} ± {:.{}f}", estimate.value, decimals, half, decimals);
}

std::string ratio_text(const std::optional<Estimate>& ratio) {
  if (!ratio) return "-";
  if (ratio->high == ratio->low) return number_text(ratio->value) + "x";
  return std::format("{}x [{}, {}]", number_text(ratio->value), number_text(ratio->low), number_text(ratio->high));
}

std::string share_text(double share) { return std::format("{:.1f} %", 100 * share); }

std::string count_text(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::ptrdiff_t at = std::ssize(text) - 3; at > 0; at -= 3) text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

std::string p_text(double p) { return p < 0.001 ? "< 0.001" : std::format("{:.3f}", p); }

}  // namespace fovea
