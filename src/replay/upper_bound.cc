// RequestChoices turns each request into steps of its concave envelope. All steps are sorted by what they
// save per space-time, and their running sums are kept: so a budget's bound is one binary search. The charge
// of a key is its least one, and a hit's space-time begins at the look-up before: both can only make the
// bound larger, never too small.
#include "replay/upper_bound.h"

#include <algorithm>
#include <cstddef>

#include "replay/budget_plan.h"
#include "replay/drive.h"

namespace fovea {

namespace {

// A possible saving, and the space-time that it takes.
struct Choice {
  double space_time;
  double saved_ms;
};

// Whether `a` saves more per space-time. It compares one quotient of each: rounded products of two may form a
// cycle.
bool better(const Choice& a, const Choice& b) { return a.saved_ms / a.space_time > b.saved_ms / b.space_time; }

std::vector<std::uint64_t> least_charges(const Trace& trace) {
  std::vector<std::uint64_t> least(trace.keys, UINT64_MAX);
  for (const Lookup& lookup : trace.lookups) least[lookup.key] = std::min(least[lookup.key], charged_bytes(lookup));
  return least;
}

// The choices of one request after another, as steps of a concave envelope: each step takes more of the
// budget, and saves less per space-time than the step before.
class RequestChoices {
 public:
  explicit RequestChoices(const Trace& trace)
      : trace_(&trace), charge_(least_charges(trace)), held_from_(trace.keys, never) {}

  // Appends the steps of the request of look-ups begin .. end - 1. To be called in the order of the trace.
  void append_steps(std::size_t begin, std::size_t end, std::vector<Choice>& steps) {
    gather(begin, end);
    std::ranges::sort(parts_, better);
    Choice sum{0, 0};
    choices_ = wholes_;
    for (const Choice& part : parts_)
      choices_.push_back(sum = {sum.space_time + part.space_time, sum.saved_ms + part.saved_ms});
    append_envelope(steps);
  }

 private:
  static constexpr std::size_t never = SIZE_MAX;

  void gather(std::size_t begin, std::size_t end) {
    parts_.clear();
    wholes_.clear();
    for (std::size_t i = begin; i < end; ++i) {
      const Lookup& lookup = trace_->lookups[i];
      const bool response = lookup.level == TraceLevel::response;
      std::size_t& from = held_from_[lookup.key];
      if (from != never && from < i) {
        const double space_time = static_cast<double>(charge_[lookup.key]) * static_cast<double>(i - from);
        (response ? wholes_ : parts_).push_back({space_time, lookup.cost_ms});
      }
      from = response ? end - 1 : i;  // a response is stored when its request ends
    }
  }

  // The upper left hull of (0, 0) and the choices, as steps from corner to corner.
  void append_envelope(std::vector<Choice>& steps) {
    std::ranges::sort(choices_, {}, &Choice::space_time);
    const std::size_t first = steps.size();
    Choice corner{0, 0};
    for (const Choice& choice : choices_) {
      if (choice.saved_ms <= corner.saved_ms) continue;
      Choice step{choice.space_time - corner.space_time, choice.saved_ms - corner.saved_ms};
      while (steps.size() > first && better(step, steps.back())) {
        step = {step.space_time + steps.back().space_time, step.saved_ms + steps.back().saved_ms};
        steps.pop_back();
      }
      steps.push_back(step);
      corner = choice;
    }
  }

  const Trace* trace_;
  std::vector<std::uint64_t> charge_;   // per key: the least that an entry of it may be charged
  std::vector<std::size_t> held_from_;  // per key: the look-up after which it may have been stored last
  std::vector<Choice> parts_, wholes_, choices_;
};

}  // namespace

UpperBound::UpperBound(const Trace& trace) {
  std::vector<Choice> steps;
  RequestChoices choices(trace);
  for (std::size_t begin = 0, end = 0; begin < trace.lookups.size(); begin = end) {
    end = request_end(trace, begin);
    choices.append_steps(begin, end, steps);
  }
  std::ranges::sort(steps, better);
  points_.reserve(steps.size() + 1);
  points_.push_back({0, 0});
  for (const Choice& step : steps)
    points_.push_back({points_.back().space_time + step.space_time, points_.back().saved_ms + step.saved_ms});
  moments_ = trace.lookups.empty() ? 0 : static_cast<double>(trace.lookups.size() - 1);
}

double UpperBound::saved_ms(std::uint64_t bytes_max) const {
  const double budget = static_cast<double>(bytes_max) * moments_;
  const auto beyond = std::ranges::upper_bound(points_, budget, {}, &Point::space_time);
  if (beyond == points_.end()) return points_.back().saved_ms;
  const Point& before = *(beyond - 1);
  const double share = (budget - before.space_time) / (beyond->space_time - before.space_time);
  return before.saved_ms + share * (beyond->saved_ms - before.saved_ms);
}

}  // namespace fovea
