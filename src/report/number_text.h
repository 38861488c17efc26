// Numbers as reports show them: as many digits as mean something, the same everywhere.
#pragma once

#include <optional>
#include <string>

#include "report/statistics.h"

namespace fovea {

// Three significant digits, without an exponent: "0.85", "12.3", "2733".
std::string number_text(double value);
// A mean and half the width of its interval: "527 ± 12"; the value alone where there is no width.
std::string mean_text(const Estimate& estimate);
// A ratio and its interval: "5.2x [5.0, 5.5]".
std::string ratio_text(const std::optional<Estimate>& ratio);  // "-" where absent
// A share as percent: "86.7 %".
std::string share_text(double share);
// A probability as one reads it: "0.03", "< 0.001".
std::string p_text(double p);

}  // namespace fovea
