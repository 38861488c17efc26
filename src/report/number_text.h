// Numbers as reports show them: with the digits that mean something, the same on every machine. Pure
// functions; thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "report/statistics.h"

namespace fovea {

// Three significant digits, without an exponent: "0.85", "12.3", "2733".
std::string number_text(double value);
// A mean and half the width of its interval: "527 ± 12". The value alone where the interval has no width.
std::string mean_text(const Estimate& estimate);
// A ratio and its interval: "5.2x [5.0, 5.5]".
std::string ratio_text(const std::optional<Estimate>& ratio);  // "-" where absent
// A share in percent: "86.7 %".
std::string share_text(double share);
// A count: "20,000".
std::string count_text(std::uint64_t count);
// A probability: "0.030", "< 0.001".
std::string p_text(double p);

}  // namespace fovea
