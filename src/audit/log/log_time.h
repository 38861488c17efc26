// unix_ms: a point in time as logs write it, in milliseconds since 1970. Pure functions; thread-safe.
#pragma once

#include <optional>
#include <string_view>

namespace fovea {

// Seconds, milliseconds, microseconds or nanoseconds since 1970, told by their size.
double unix_ms(double number);

// Such a number, or ISO 8601 as in "2026-11-30T05:00:00.5Z", "2026-11-30 05:00:00+01:00" and "2026-11-30";
// without a zone it is UTC. nullopt of others.
std::optional<double> unix_ms(std::string_view text);

// Days since 1970 of a day of the Gregorian calendar, in milliseconds. REQUIRES: month 1 to 12.
double day_ms(int year, int month, int day);

}  // namespace fovea
