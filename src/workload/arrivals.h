// Arrivals: when the requests of an open load come, in milliseconds since the start, rising. Stateless
// functions; thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fovea/result.h"

namespace fovea {

// `count` independent arrivals, `rate_per_s` per second on average (a Poisson process). Pure: the same on
// every machine.
std::vector<double> poisson_arrivals(double rate_per_s, std::size_t count, std::uint64_t seed);

// Recorded arrivals: a file with a header line whose first column is a number of seconds, or a time such as
// 2023-11-16 18:15:46.680590. Faults: not_found, unavailable, invalid (with the line), too_large.
Result<std::vector<double>> read_arrivals(const std::string& path);

}  // namespace fovea
