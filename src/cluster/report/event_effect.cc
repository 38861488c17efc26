// Seconds are looked at ten at a time: in one second of a small fleet are few requests, and their share would
// jump by itself. Ten seconds jump as well, so a share counts as changed only beyond three standard errors,
// and only where that begins during the event or within a minute behind it. The window slides second by
// second. What follows an event is looked at until the end of the run, or until another event begins or ends.
#include "cluster/report/event_effect.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>

namespace fovea {

namespace {

constexpr double before_s = 60, during_max_s = 60;
constexpr std::size_t window_s = 10, after_s = 60;
constexpr double share_tolerance = 0.02, standard_errors = 3, time_tolerance = 0.25;

// Of the requests that ended in some seconds. Shares are 0 where there were none.
struct Stretch {
  std::uint64_t requests = 0, failed = 0;
  double from_memory = 0, found = 0, mean_ms = 0;

  bool has_answers() const { return requests > failed; }
};

Stretch span_of(std::span<const FleetSecond> seconds) {
  Stretch span;
  double ms = 0;
  std::uint64_t from_memory = 0, encoded = 0;
  for (const FleetSecond& second : seconds) {
    const std::uint64_t answered = second.requests - second.failed;
    span.requests += second.requests;
    span.failed += second.failed;
    from_memory += second.from_memory;
    encoded += second.encoded;
    ms += second.mean_ms * static_cast<double>(answered);
  }
  const auto answered = static_cast<double>(span.requests - span.failed);
  if (answered == 0) return span;
  span.from_memory = static_cast<double>(from_memory) / answered;
  span.found = 1 - (static_cast<double>(encoded) / answered);
  span.mean_ms = ms / answered;
  return span;
}

// Seconds as numbers of a list with `count` of them.
std::size_t second_of(double at_s, std::size_t count) {
  return at_s >= static_cast<double>(count) ? count : static_cast<std::size_t>(std::max(0.0, std::floor(at_s)));
}

// The time of the nearest change before and after `at_s`: other events' beginnings and ends.
struct Neighbours {
  double before, after;
};

Neighbours neighbours_of(const Fleet& fleet, const FleetEvent& event, double end_s) {
  Neighbours near{.before = 0, .after = end_s};
  for (const FleetEvent& other : fleet.events) {
    for (const double at_s : {other.at_s, other.until_s}) {
      if (at_s < event.at_s) near.before = std::max(near.before, at_s);
      if (&other != &event && at_s > event.at_s) near.after = std::min(near.after, at_s);
    }
  }
  return near;
}

// `is_bad` says whether a window's number is too far from before, and `worse` which of two is worse. Windows
// that begin after `leave_before` may not be the first that are bad.
template <typename IsBad, typename Worse>
Course course_of(double Stretch::* number, const Stretch& before, const Stretch& during,
                 std::span<const Stretch> windows, std::size_t leave_before, IsBad is_bad, Worse worse) {
  Course course{.before = before.*number, .during = during.*number, .worst = before.*number};
  bool left = false;
  for (std::size_t begin = 0; begin < windows.size() && (left || begin < leave_before); ++begin) {
    const Stretch& window = windows[begin];
    const bool bad = !window.has_answers() || is_bad(window, course.before);
    if (!course.back_after_s && window.has_answers() && worse(window.*number, course.worst))
      course.worst = window.*number;
    left = left || bad;
    if (left && !bad && !course.back_after_s) course.back_after_s = static_cast<double>(begin);
  }
  if (!left) course.back_after_s = 0;
  return course;
}

// Whether a window's share is too low, given that it would be `was` on the average.
bool fell(double share, double was, const Stretch& window) {
  const double error = std::sqrt(was * (1 - was) / static_cast<double>(window.requests - window.failed));
  return share < was - std::max(share_tolerance, standard_errors * error);
}

std::vector<Stretch> windows_of(std::span<const FleetSecond> seconds) {
  std::vector<Stretch> windows;
  for (std::size_t begin = 0; begin + window_s <= seconds.size(); ++begin)
    windows.push_back(span_of(seconds.subspan(begin, window_s)));
  return windows;
}

EventEffect effect_of(const FleetEvent& event, const Stretch& before, const Stretch& during,
                      std::span<const Stretch> windows, std::size_t leave_before) {
  const auto less_memory = [](const Stretch& window, double was) { return fell(window.from_memory, was, window); };
  const auto less_found = [](const Stretch& window, double was) { return fell(window.found, was, window); };
  const auto slower = [](const Stretch& window, double was) { return window.mean_ms > was * (1 + time_tolerance); };
  return {.event = event,
          .from_memory =
              course_of(&Stretch::from_memory, before, during, windows, leave_before, less_memory, std::less<>()),
          .found = course_of(&Stretch::found, before, during, windows, leave_before, less_found, std::less<>()),
          .mean_ms = course_of(&Stretch::mean_ms, before, during, windows, leave_before, slower, std::greater<>()),
          .requests = during.requests,
          .failed = during.failed};
}

}  // namespace

std::vector<EventEffect> event_effects(const Fleet& fleet, const FleetOutcome& outcome) {
  const std::span<const FleetSecond> seconds = outcome.seconds;
  std::vector<EventEffect> effects;
  for (const FleetEvent& event : fleet.events) {
    const std::size_t at = second_of(event.at_s, seconds.size());
    if (at == seconds.size()) continue;
    const Neighbours near = neighbours_of(fleet, event, static_cast<double>(seconds.size()));
    const std::size_t from =
        std::min(at, second_of(std::ceil(std::max(near.before, event.at_s - before_s)), seconds.size()));
    const std::size_t over = second_of(std::min(event.until_s, event.at_s + during_max_s), seconds.size());
    const std::size_t next = second_of(near.after, seconds.size());
    effects.push_back(effect_of(event, span_of(seconds.subspan(from, at - from)),
                                span_of(seconds.subspan(at, std::max(over, at + 1) - at)),
                                windows_of(seconds.subspan(at, std::max(next, at) - at)), over - at + after_s));
  }
  return effects;
}

}  // namespace fovea
