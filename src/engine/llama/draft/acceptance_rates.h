// AcceptanceRates: how often a guessed token is the one that the answer then has, by whose text it comes from
// and by how many tokens before it agreed.
//
// Each answer has its own, so the content of one request never changes when another's answer comes. A guess
// counts whether it was computed or not, so that learning costs nothing. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>

#include "engine/llama/draft/draft_source.h"

namespace fovea::llama {

class AcceptanceRates {
 public:
  // The odds that a token guessed behind `run` agreeing tokens is right, 0 to 1.
  double rate(DraftSource source, std::uint32_t run) const;
  void record(DraftSource source, std::uint32_t run, bool accepted);

 private:
  struct Seen {
    double guesses = 0;
    double right = 0;
  };
  struct Calibration {
    double right = 0;
    double expected = 0;  // by the priors
  };
  static constexpr std::size_t run_classes = 6;
  static std::size_t class_of(std::uint32_t run);

  double prior_of(std::size_t source, std::size_t run_class) const;

  static const std::array<std::array<double, run_classes>, draft_sources> prior;
  std::array<std::array<Seen, run_classes>, draft_sources> seen_;
  std::array<Calibration, draft_sources> calibration_;
};

}  // namespace fovea::llama
