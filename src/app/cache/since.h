// since_unix_ms: a moment as a person writes it: a time ago, or a day. A pure function.
#pragma once

#include <string_view>

#include "fovea/result.h"

namespace fovea::app {

// In milliseconds since 1970, UTC: "90s", "30min", "24h" and "7d" before `now_unix_ms`, or a day's beginning,
// "2026-11-29". Faults: invalid, with the accepted forms in the message.
Result<double> since_unix_ms(std::string_view text, double now_unix_ms);

}  // namespace fovea::app
