#include "engine/llama/draft/acceptance_rates.h"

#include <algorithm>

namespace fovea::llama {

namespace {

// The prior weighs as much as so many guesses: one wrong guess moves a doubtful class below what pays.
constexpr double prior_weight = 2;
// What a guess still counts after the next one of its class: an answer may begin to repeat, and end to.
constexpr double kept = 0.9;
// The priors' own weight, in expected right guesses, against what is seen of a source as a whole.
constexpr double calibration_weight = 2;

}  // namespace

// What is assumed of an answer before any of its guesses was seen, by runs of 0, 1, 2, 3, 4 to 7, and more.
// It is low where texts that have nothing to do with each other agree by chance, so that a load without reuse
// loses nothing.
const std::array<std::array<double, AcceptanceRates::run_classes>, draft_sources> AcceptanceRates::prior = {{
    {0.05, 0.05, 0.15, 0.3, 0.55, 0.85},  // own
    {0.3, 0.3, 0.5, 0.65, 0.8, 0.9},      // earlier
    {0.6, 0.4, 0.6, 0.75, 0.9, 0.95},     // prediction
}};

std::size_t AcceptanceRates::class_of(std::uint32_t run) {
  if (run <= 3) return run;
  return run <= 7 ? 4 : 5;
}

// A source that was wrong more often than the priors say is trusted less in all of its classes: a text that
// the answer leaves again and again is less likely to be followed for long.
double AcceptanceRates::prior_of(std::size_t source, std::size_t run_class) const {
  const Calibration& of_source = calibration_[source];
  const double factor = (calibration_weight + of_source.right) / (calibration_weight + of_source.expected);
  return std::min(1.0, factor) * prior[source][run_class];
}

double AcceptanceRates::rate(DraftSource source, std::uint32_t run) const {
  const auto which = static_cast<std::size_t>(source);
  const Seen& seen = seen_[which][class_of(run)];
  return (prior_weight * prior_of(which, class_of(run)) + seen.right) / (prior_weight + seen.guesses);
}

void AcceptanceRates::record(DraftSource source, std::uint32_t run, bool accepted) {
  const auto which = static_cast<std::size_t>(source);
  Seen& seen = seen_[which][class_of(run)];
  seen.guesses = seen.guesses * kept + 1;
  seen.right = seen.right * kept + (accepted ? 1 : 0);
  Calibration& of_source = calibration_[which];
  of_source.expected = of_source.expected * kept + prior[which][class_of(run)];
  of_source.right = of_source.right * kept + (accepted ? 1 : 0);
}

}  // namespace fovea::llama
