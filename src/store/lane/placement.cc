// A look-up is bounded by half of what a hit of its kind saves on the average, so that a tier that has become
// slow costs a miss no more than that once or twice, and then the breaker opens. Where the tier takes longer
// than it saves, it is asked now and then all the same, or nobody would notice that it has become faster. Nor
// would anybody notice that the first guess was too slow, where that keeps every value from being stored: so
// one is stored now and then.
#include "store/lane/placement.h"

#include <algorithm>

namespace fovea {

namespace {

constexpr double wait_min_ms = 5;        // a busy machine's scheduler alone may take it
constexpr double wait_max_ms = 2000;     // longer than any tier that is worth its name
constexpr double wait_unknown_ms = 250;  // before anything is known of a kind
constexpr double wait_part = 0.5;        // of what a hit saves
constexpr double lease_worth = 100;      // computing takes so many times longer than asking: 1 % of it
constexpr double lease_part = 4;         // of what computing takes on the average: a busy machine takes longer
constexpr double lease_min_ms = 2000;
constexpr double lease_max_ms = 60'000;
constexpr double lease_unknown_ms = 10'000;  // before anything is known of a kind
constexpr std::uint64_t all_the_same = 64;   // one in so many that are not worth it

// Other programs store values without saying what they cost. They would not store them if they were for
// nothing.
bool is_unknown(RecordKind kind, double cost_ms) { return kind == RecordKind::value && cost_ms == 0; }

}  // namespace

bool Placement::asks(RecordKind kind) {
  const auto average = traffic_.average(kind);
  if (!average || is_unknown(kind, average->cost_ms) ||
      average->cost_ms > transfer_.expected_ms(static_cast<std::uint64_t>(average->bytes)))
    return true;
  return ++not_worth_asking_[static_cast<std::size_t>(kind) - 1] % all_the_same == 0;
}

bool Placement::writes(RecordKind kind, double cost_ms, std::uint64_t bytes) {
  if (is_unknown(kind, cost_ms) || cost_ms > transfer_.expected_ms(bytes)) return true;
  if (cost_ms <= transfer_.expected_ms(0)) return false;
  return ++not_worth_writing_[static_cast<std::size_t>(kind) - 1] % all_the_same == 0;
}

void Placement::observe_value(RecordKind kind, double cost_ms, std::uint64_t bytes) {
  if (is_unknown(kind, cost_ms)) {
    if (const auto average = traffic_.average(kind)) cost_ms = average->cost_ms;
  }
  traffic_.observe(kind, cost_ms, bytes);
}

double Placement::fetch_ms(RecordKind kind, std::size_t values) const {
  const auto average = traffic_.average(kind);
  if (!average) return 0;
  return transfer_.expected_ms(static_cast<std::uint64_t>(average->bytes * static_cast<double>(values)));
}

double Placement::wait_ms(RecordKind kind, std::size_t values) const {
  const auto average = traffic_.average(kind);
  if (!average || is_unknown(kind, average->cost_ms)) return wait_unknown_ms;
  return std::clamp(average->cost_ms * wait_part * static_cast<double>(values), wait_min_ms, wait_max_ms);
}

bool Placement::is_worth_lease(RecordKind kind) const {
  const auto average = traffic_.average(kind);
  return !average || average->cost_ms >= lease_worth * transfer_.expected_ms(0);
}

double Placement::lease_ms(RecordKind kind) const {
  const auto average = traffic_.average(kind);
  return average ? std::clamp(average->cost_ms * lease_part, lease_min_ms, lease_max_ms) : lease_unknown_ms;
}

}  // namespace fovea
