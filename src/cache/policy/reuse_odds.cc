// From counts to worth.
//
// rate(kind, age) = requests / waits, shrunk in three steps, because a trace is short and there are many
// cells. The guess is corrected by the counts of the whole level at that age; the result by those of entries
// with so many uses; that by those of entries of such importance. Each step acts as if it had seen `belief`
// requests at the rate of the step before, so it yields to evidence. Importance thus costs nothing where it
// predicts nothing.
//
// worth(kind, age) = max over t of P(requested before age + t) / E[calls it stays until requested or age +
// t]: the best average return of the bytes (an index as Gittins' for bandits). For entries that grow colder
// with age it is the present rate. For entries that are requested in a loop it grows as their turn comes
// nearer, which no rule of recency or frequency can express.
// Rejected: the rate over the life that the cache happened to give (LHD), which learns only of ages that
// entries reach in the cache. Here the waiting of ghosts is counted too.
#include "cache/policy/reuse_odds.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace fovea {

namespace {

// In requests. With a tenth of them, a load of 250 requests loses up to 2 %; after thousands of requests no
// result changes by 0.3 %.
constexpr double level_belief = 20, uses_belief = 10, importance_belief = 10;

// The rate before anything is known: half the uses so far, over the age. It is flat for the first few hundred
// calls, so that a cache starts by frequency and turns to recency where it sees bursts.
double guess(std::uint32_t use_class, std::uint32_t bin) {
  constexpr std::array<double, ReuseOdds::use_classes> uses = {1, 2, 3, 4.5, 7, 12, 22, 45};
  constexpr double flat_calls = 256;
  const double age = (ReuseOdds::begins[bin] + ReuseOdds::begins[bin + 1]) / 2;
  return 0.5 * uses[use_class] / (age + flat_calls + uses[use_class]);
}

double shrunk(double asked, double waited, double belief, double rate) {
  return (asked + belief) / (waited + belief / rate);
}

std::uint32_t use_class_of(std::uint32_t uses) {
  constexpr std::array<std::uint32_t, ReuseOdds::use_classes - 1> lasts = {1, 2, 3, 5, 8, 15, 31};
  return static_cast<std::uint32_t>(std::ranges::lower_bound(lasts, uses) - lasts.begin());
}

}  // namespace

ReuseOdds::ReuseOdds() {
  for (std::uint32_t kind = 0; kind < kinds; ++kind) {
    Ages rate;
    for (std::uint32_t bin = 0; bin < bins; ++bin) rate[bin] = guess(kind / importance_classes % use_classes, bin);
    compute_worth(kind, rate);
  }
}

std::uint32_t ReuseOdds::kind_of(std::uint32_t level, std::uint32_t uses, float importance) {
  const std::uint32_t third = importance >= 2 / 3.0F ? 2 : importance >= 1 / 3.0F ? 1 : 0;  // NaN: the lowest
  return (std::min(level, levels - 1) * use_classes + use_class_of(uses)) * importance_classes + third;
}

std::uint32_t ReuseOdds::bin_of(std::uint64_t age) {
  const std::uint64_t n = std::min<std::uint64_t>(age, 1ULL << (bins / 2)) + 1;
  const auto octave = static_cast<std::uint32_t>(std::bit_width(n) - 1);
  const auto upper_half = static_cast<std::uint32_t>(n * n >> (2 * octave + 1));  // n >= 2^(octave + 1/2)
  return std::min(2 * octave + upper_half, bins - 1);
}

std::vector<double> ReuseOdds::counts() const {
  std::vector<double> all;
  all.reserve(counts_size);
  for (const auto* table : {&requested_, &waited_}) {
    for (const Ages& ages : *table) all.insert(all.end(), ages.begin(), ages.end());
  }
  return all;
}

bool ReuseOdds::restore(std::span<const double> counts) {
  constexpr double most = 1e15;  // above what any count reaches, and its sums stay finite
  const auto is_count = [](double count) { return count >= 0 && count <= most; };
  if (counts.size() != counts_size || !std::ranges::all_of(counts, is_count)) return false;
  for (auto* table : {&requested_, &waited_}) {
    for (Ages& ages : *table) {
      std::ranges::copy(counts.first(bins), ages.begin());
      counts = counts.subspan(bins);
    }
  }
  learn();
  return true;
}

void ReuseOdds::waited(std::uint32_t kind, std::uint64_t from, std::uint64_t to) {
  if (to <= from) return;
  const auto end = static_cast<double>(to);
  auto at = static_cast<double>(from);
  for (std::uint32_t bin = bin_of(from); at < end; ++bin) {
    const double until = bin == bins - 1 ? end : std::min(end, begins[bin + 1]);
    if (until > at) waited_[kind][bin] += until - at;
    at = std::max(at, until);
  }
}

void ReuseOdds::requested(std::uint32_t kind, std::uint64_t age) {
  requested_[kind][bin_of(age > 0 ? age - 1 : 0)] += 1;
}

void ReuseOdds::fade() {
  for (auto* table : {&requested_, &waited_}) {
    for (Ages& ages : *table) std::ranges::for_each(ages, [](double& count) { count /= 2; });
  }
}

void ReuseOdds::learn() {
  for (std::uint32_t level = 0; level < levels; ++level) learn_level(level);
}

void ReuseOdds::learn_level(std::uint32_t level) {
  constexpr std::uint32_t kinds_a_level = use_classes * importance_classes;
  const std::uint32_t first = level * kinds_a_level;
  Ages level_requested{}, level_waited{};
  for (std::uint32_t kind = first; kind < first + kinds_a_level; ++kind) {
    for (std::uint32_t bin = 0; bin < bins; ++bin) {
      level_requested[bin] += requested_[kind][bin];
      level_waited[bin] += waited_[kind][bin];
    }
  }
  for (std::uint32_t use = 0; use < use_classes; ++use) {
    learn_uses(first + use * importance_classes, level_requested, level_waited);
  }
}

// Learns `first_kind` and the next kinds that differ from it in importance only.
void ReuseOdds::learn_uses(std::uint32_t first_kind, const Ages& level_requested, const Ages& level_waited) {
  Ages asks{}, waits{}, rate;
  double asks_all = 0, expected = 0, waits_all = 0;
  for (std::uint32_t bin = 0; bin < bins; ++bin) {
    for (std::uint32_t i = 0; i < importance_classes; ++i) {
      asks[bin] += requested_[first_kind + i][bin];
      waits[bin] += waited_[first_kind + i][bin];
    }
    rate[bin] = shrunk(level_requested[bin], level_waited[bin], level_belief,
                       guess(first_kind / importance_classes % use_classes, bin));
    asks_all += asks[bin];
    waits_all += waits[bin];
    expected += rate[bin] * waits[bin];
  }
  if (waits_all == 0) return;
  const double factor = (asks_all + level_belief) / (expected + level_belief);
  for (std::uint32_t bin = 0; bin < bins; ++bin)
    rate[bin] = shrunk(asks[bin], waits[bin], uses_belief, rate[bin] * factor);

  for (std::uint32_t kind = first_kind; kind < first_kind + importance_classes; ++kind) {
    double kind_asks = importance_belief, kind_expected = importance_belief;
    for (std::uint32_t bin = 0; bin < bins; ++bin) {
      kind_asks += requested_[kind][bin];
      kind_expected += rate[bin] * waited_[kind][bin];
    }
    Ages own;
    for (std::uint32_t bin = 0; bin < bins; ++bin) {
      const double base = rate[bin] * kind_asks / kind_expected;
      own[bin] = std::min(1.0, shrunk(requested_[kind][bin], waited_[kind][bin], importance_belief, base));
    }
    compute_worth(kind, own);
  }
}

void ReuseOdds::compute_worth(std::uint32_t kind, const Ages& rate) {
  constexpr double last_bin_calls = 1e6;
  Ages asked_in, stay_in;  // within a bin, of an entry that reaches it
  for (std::uint32_t bin = 0; bin < bins; ++bin) {
    const double calls = bin == bins - 1 ? last_bin_calls : begins[bin + 1] - begins[bin];
    asked_in[bin] = -std::expm1(-rate[bin] * calls);
    stay_in[bin] = rate[bin] > 0 ? asked_in[bin] / rate[bin] : calls;
  }
  for (std::uint32_t from = 0; from < bins; ++from) {
    double left = 1, asked = 0, stay = 0, best = 0;
    for (std::uint32_t bin = from; bin < bins && left > 1e-6; ++bin) {
      asked += left * asked_in[bin];
      stay += left * stay_in[bin];
      left *= 1 - asked_in[bin];
      best = std::max(best, asked / stay);
    }
    worth_[kind][from] = best;
  }
}

}  // namespace fovea
