// Seconds are looked at ten at a time: in one second of a small fleet are few requests, and their share would
// jump by itself. The window slides second by second. What follows an event is looked at until the end of the
// run, or until the next event.
#include "cluster/report/event_effect.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace fovea {

namespace {

constexpr double before_s = 60, during_max_s = 60;
constexpr std::size_t window_s = 10;
constexpr double tolerance = 0.02;

Stretch span_of(std::span<const FleetSecond> seconds) {
  Stretch span{.seconds = static_cast<double>(seconds.size())};
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
  span.encoded = static_cast<double>(encoded) / answered;
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

void follow(std::span<const FleetSecond> seconds, EventEffect& effect) {
  const double wanted = effect.before.from_memory - tolerance;
  effect.lowest = effect.before.from_memory;
  bool fell = false;
  std::optional<double> back;
  for (std::size_t begin = 0; begin + window_s <= seconds.size(); ++begin) {
    const Stretch window = span_of(seconds.subspan(begin, window_s));
    const bool is_low = window.from_memory < wanted || window.requests == window.failed;
    effect.lowest = std::min(effect.lowest, window.from_memory);
    if (is_low) fell = true;
    if (fell && !is_low && !back) back = static_cast<double>(begin);
  }
  effect.back_after_s = fell ? back : 0;
}

}  // namespace

std::vector<EventEffect> event_effects(const Fleet& fleet, const FleetOutcome& outcome) {
  const std::span<const FleetSecond> seconds = outcome.seconds;
  std::vector<EventEffect> effects;
  for (const FleetEvent& event : fleet.events) {
    const std::size_t at = second_of(event.at_s, seconds.size());
    if (at == seconds.size()) continue;
    const Neighbours near = neighbours_of(fleet, event, static_cast<double>(seconds.size()));
    const std::size_t from = second_of(std::ceil(std::max(near.before, event.at_s - before_s)), seconds.size());
    const std::size_t over = second_of(std::min(event.until_s, event.at_s + during_max_s), seconds.size());
    const std::size_t next = second_of(near.after, seconds.size());
    EventEffect effect{.event = event, .before = {}, .during = {}, .back_after_s = {}};
    if (from < at) effect.before = span_of(seconds.subspan(from, at - from));
    effect.during = span_of(seconds.subspan(at, std::max(over, at + 1) - at));
    follow(seconds.subspan(at, std::max(next, at) - at), effect);
    effects.push_back(std::move(effect));
  }
  return effects;
}

}  // namespace fovea
