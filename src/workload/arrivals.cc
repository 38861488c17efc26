// Each gap of a Poisson process is drawn from the hash of its index, so the arrivals are the same on every
// machine, and more arrivals begin with the same ones.
#include "workload/arrivals.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <format>
#include <optional>
#include <sstream>

#include "trace/mixed_bits.h"
#include "trace/trace_source.h"

namespace fovea {

namespace {

constexpr std::size_t arrivals_max = 10'000'000;  // 80 MB
constexpr double seconds_max = 1e12;              // thirty thousand years: their microseconds fit into 64 bits

// Microseconds since some start. As doubles, dates with times would lose digits.
std::optional<std::int64_t> time_in(std::string_view text) {
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error == std::errc() && end == text.data() + text.size() && std::abs(seconds) < seconds_max)
    return std::llround(seconds * 1e6);
  std::istringstream in{std::string(text)};
  std::chrono::sys_time<std::chrono::microseconds> time;
  if (!(in >> std::chrono::parse("%Y-%m-%d %H:%M:%S", time))) return std::nullopt;
  return time.time_since_epoch().count();
}

}  // namespace

std::vector<double> poisson_arrivals(double rate_per_s, std::size_t count, std::uint64_t seed) {
  std::vector<double> arrivals;
  double now_ms = 0;
  for (std::size_t i = 0; i < count; ++i) {
    now_ms += -std::log(1 - unit_fraction(mixed_bits(seed + (std::uint64_t{i} << 20)))) / rate_per_s * 1000;
    arrivals.push_back(now_ms);
  }
  return arrivals;
}

Result<std::vector<double>> read_arrivals(const std::string& path) {
  auto source = TraceSource::open(path);
  if (!source) return std::unexpected(source.error());
  std::vector<double> arrivals;
  std::optional<std::int64_t> first;
  for (;;) {
    const auto line = source->line();
    if (!line) return std::unexpected(line.error());
    if (!*line) break;
    const auto time = time_in((*line)->substr(0, (*line)->find(',')));
    if (!time && source->line_number() == 1) continue;  // the header
    if (!time || (first && *time < *first + static_cast<std::int64_t>(arrivals.back() * 1e3)))
      return fail(Fault::invalid,
                  std::format("{}, line {}: does not begin with a time, or its time is before the last one", path,
                              source->line_number()));
    if (arrivals.size() == arrivals_max)
      return fail(Fault::too_large, std::format("{}: more than {} arrivals", path, arrivals_max));
    if (!first) first = time;
    arrivals.push_back(static_cast<double>(*time - *first) / 1e3);
  }
  if (arrivals.empty()) return fail(Fault::invalid, std::format("{}: has no arrivals", path));
  return arrivals;
}

}  // namespace fovea
