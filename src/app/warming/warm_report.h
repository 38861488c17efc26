// What `fovea warm` did, as text for a person and as JSON for programs. Plain values; pure functions.
#pragma once

#include <span>
#include <string>

#include "app/warming/warm_pictures.h"

namespace fovea::app {

struct WarmReport {
  std::uint64_t pictures = 0;  // that were named
  WarmCounts counts;
  std::vector<TierStats> tiers;
  bool interrupted = false;
  bool all_written = true;
  double took_ms = 0;
};

// Two digits, without an exponent: "0.16", "3.4", "120".
std::string rate_text(double per_second);

// A line for each picture that failed, what was done, and a line for each tier.
std::string warm_text(const WarmReport& report);
// One document.
std::string warm_json(const WarmReport& report);

}  // namespace fovea::app
