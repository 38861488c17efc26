// Sizes are parsed strictly: a number, spaces, one unit, and nothing else. Units are binary only, since "1GB"
// means two different numbers. Printed numbers keep about three significant digits.
#include "base/units.h"

#include <array>
#include <charconv>
#include <cmath>
#include <format>

namespace fovea {

namespace {

constexpr std::array<std::string_view, 5> unit_names{"B", "KiB", "MiB", "GiB", "TiB"};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// The bytes of one `unit`; 0 where there is no such unit.
double unit_scale(std::string_view unit) {
  if (unit.empty()) return 1;
  double scale = 1;
  for (std::string_view name : unit_names) {
    if (unit == name || (name.size() == 3 && unit == name.substr(0, 1))) return scale;
    scale *= 1024;
  }
  return 0;
}

}  // namespace

Result<std::uint64_t> parse_bytes(std::string_view text) {
  const std::string_view whole = trimmed(text);
  double number = 0;
  const auto [end, error] = std::from_chars(whole.data(), whole.data() + whole.size(), number);
  const double scale = unit_scale(trimmed(whole.substr(static_cast<std::size_t>(end - whole.data()))));
  const double bytes = number * scale;
  constexpr double bytes_max = 9.0e18;  // below the largest signed 64-bit number
  if (error != std::errc{} || scale == 0 || !(bytes >= 0) || bytes > bytes_max) {
    return fail(
        Fault::invalid,
        std::format("'{}' is not a size in bytes: write a number with B, KiB, MiB, GiB or TiB, such as 512MiB", text));
  }
  return static_cast<std::uint64_t>(std::llround(bytes));
}

std::string format_bytes(std::uint64_t bytes) {
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < unit_names.size()) {
    value /= 1024;
    ++unit;
  }
  if (unit == 0) return std::format("{} B", bytes);
  return std::format("{:.{}f} {}", value, value < 10 ? 2 : 1, unit_names[unit]);
}

std::string format_ms(double ms) {
  if (ms < 1) return std::format("{:.3f} ms", ms);
  if (ms < 10) return std::format("{:.2f} ms", ms);
  if (ms < 1000) return std::format("{:.0f} ms", ms);
  if (ms < 60'000) return std::format("{:.2f} s", ms / 1000);
  const auto seconds = std::llround(ms / 1000);
  return std::format("{} min {} s", seconds / 60, seconds % 60);
}

}  // namespace fovea
