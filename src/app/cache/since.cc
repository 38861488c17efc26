// A time ago is a number and a unit, and nothing else: "1h30min" is refused and not guessed at.
#include "app/cache/since.h"

#include <array>
#include <charconv>
#include <chrono>
#include <format>
#include <optional>
#include <utility>

namespace fovea::app {

namespace {

// Takes a number off the front of `text`.
std::optional<int> taken(std::string_view& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

bool took_dash(std::string_view& text) {
  if (!text.starts_with('-')) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<double> day_unix_ms(std::string_view text) {
  const auto year = taken(text);
  if (!year || !took_dash(text)) return std::nullopt;
  const auto month = taken(text);
  if (!month || !took_dash(text)) return std::nullopt;
  const auto day = taken(text);
  if (!day || !text.empty()) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok()) return std::nullopt;
  return static_cast<double>(
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::sys_days(date).time_since_epoch()).count());
}

std::optional<double> ago_ms(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, double>, 4> units = {
      {{"s", 1e3}, {"min", 60e3}, {"h", 3600e3}, {"d", 24 * 3600e3}}};
  const auto number = taken(text);
  for (const auto& [unit, ms] : units) {
    if (number && text == unit) return *number * ms;
  }
  return std::nullopt;
}

}  // namespace

Result<double> since_unix_ms(std::string_view text, double now_unix_ms) {
  if (const auto ago = ago_ms(text)) return now_unix_ms - *ago;
  if (const auto day = day_unix_ms(text)) return *day;
  return fail(Fault::invalid,
              std::format("'{}' is no moment: write 90s, 30min, 24h, 7d, or a day such as 2026-11-29", text));
}

}  // namespace fovea::app
