#include "engine/llama/draft/model_trust.h"

#include <algorithm>

namespace fovea::llama {

namespace {

// What is assumed of a model of the same family, and as how many tokens that counts. More trust at first
// gains little where the model is good, and costs where it is not (drafts_pay_test.cc has the loads).
constexpr double prior = 0.8;
constexpr double prior_weight = 2;
// What a token still counts after the next one, and after a step without the model: where it does not pay, it
// is tried again after some tens of steps.
constexpr double kept = 0.95;
constexpr double kept_without = 0.99;

}  // namespace

double ModelTrust::rate() const { return (prior_weight * prior + right_) / (prior_weight + asked_); }

std::vector<double> ModelTrust::odds(std::size_t tokens) const {
  std::vector<double> all(tokens);
  double together = 1;
  for (double& each : all) each = together *= rate();
  return all;
}

void ModelTrust::record(bool right) {
  asked_ = asked_ * kept + 1;
  right_ = right_ * kept + (right ? 1 : 0);
  if (right) ++right_in_all_;
}

void ModelTrust::pass_over() {
  asked_ *= kept_without;
  right_ *= kept_without;
}

}  // namespace fovea::llama
