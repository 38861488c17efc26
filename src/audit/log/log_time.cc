// Read by hand: std::chrono::parse takes a format for each of the forms, and is far slower than the rest of a
// line. A time that cannot be is no time (month 13); a day that the month does not have is a day of the next
// one.
#include "audit/log/log_time.h"

#include <charconv>
#include <chrono>
#include <cmath>

namespace fovea {

namespace {

constexpr double minute_ms = 60'000, hour_ms = 60 * minute_ms;

// Reads a text from its front.
class TimeText {
 public:
  explicit TimeText(std::string_view text) : text_(text) {}

  // A number of so many digits; -1 if there are others.
  int digits(std::size_t count) {
    int number = -1;
    if (text_.size() < count) return -1;
    const char* const last = text_.begin() + count;
    const auto [end, error] = std::from_chars(text_.begin(), last, number);
    if (error != std::errc() || end != last || number < 0) return -1;
    text_.remove_prefix(count);
    return number;
  }
  bool take(std::string_view any_of) {
    if (text_.empty() || !any_of.contains(text_.front())) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool next_is(std::string_view any_of) const { return !text_.empty() && any_of.contains(text_.front()); }
  bool ended() const { return text_.empty(); }

 private:
  std::string_view text_;
};

// "05:00:00.25", "05:00" in milliseconds; nullopt if it is none.
std::optional<double> time_of_day(TimeText& text) {
  const int hours = text.digits(2);
  if (hours < 0 || hours > 24 || !text.take(":")) return std::nullopt;
  const int minutes = text.digits(2);
  if (minutes < 0 || minutes > 59) return std::nullopt;
  double ms = hours * hour_ms + minutes * minute_ms;
  if (!text.take(":")) return ms;
  const int seconds = text.digits(2);
  if (seconds < 0 || seconds > 60) return std::nullopt;
  ms += seconds * 1000;
  if (!text.take(".,")) return ms;
  double unit = 100;
  for (int digit = text.digits(1); digit >= 0; digit = text.digits(1), unit /= 10) ms += digit * unit;
  return ms;
}

// "Z", "+01:00", "-0530", " UTC", or nothing; nullopt if it is something else.
std::optional<double> zone(TimeText& text) {
  text.take(" ");
  if (text.ended()) return 0;
  if (text.take("Z") || (text.take("U") && text.take("T") && text.take("C"))) return 0;
  if (!text.next_is("+-")) return std::nullopt;
  const double sign = text.take("-") ? -1 : 1;
  text.take("+");
  const int hours = text.digits(2);
  text.take(":");
  const int minutes = text.ended() ? 0 : text.digits(2);
  if (hours < 0 || hours > 15 || minutes < 0 || minutes > 59) return std::nullopt;
  return sign * (hours * hour_ms + minutes * minute_ms);
}

}  // namespace

double day_ms(int year, int month, int day) {
  using namespace std::chrono;
  const year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day))};
  return static_cast<double>(sys_days(date).time_since_epoch().count()) * 24 * hour_ms;
}

double unix_ms(double number) {
  const double size = std::abs(number);
  if (size < 1e11) return number * 1000;
  if (size < 1e14) return number;
  return size < 1e17 ? number / 1e3 : number / 1e6;
}

std::optional<double> unix_ms(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && std::isfinite(number)) return unix_ms(number);
  TimeText rest(text);
  const int year = rest.digits(4);
  if (year < 0 || !rest.take("-/")) return std::nullopt;
  const int month = rest.digits(2);
  if (month < 1 || month > 12 || !rest.take("-/")) return std::nullopt;
  const int day = rest.digits(2);
  if (day < 1 || day > 31) return std::nullopt;
  double ms = day_ms(year, month, day);
  if (rest.ended()) return ms;
  if (!rest.take("T t")) return std::nullopt;
  const auto time = time_of_day(rest);
  if (!time) return std::nullopt;
  const auto offset = zone(rest);
  if (!offset || !rest.ended()) return std::nullopt;
  return ms + *time - *offset;
}

}  // namespace fovea
