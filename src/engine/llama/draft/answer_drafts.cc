#include "engine/llama/draft/answer_drafts.h"

#include <algorithm>

namespace fovea::llama {

std::vector<double> AnswerDrafts::odds(std::size_t tokens_max) const {
  const Guess guess = drafter_.guess();
  std::vector<double> all(std::min(guess.tokens.size(), tokens_max));
  double together = 1;
  std::uint32_t run = guess.run;
  for (double& each : all) each = together *= rates_.rate(guess.source, run++);
  return all;
}

void AnswerDrafts::draft(std::size_t count) {
  const Guess guess = drafter_.guess();
  drafted_.assign(guess.tokens.begin(), guess.tokens.begin() + static_cast<std::ptrdiff_t>(count));
  agreed_ = asked_ = 0;
  source_ = guess.source;
  counts_.drafted += static_cast<std::int32_t>(count);
  if (source_ == DraftSource::prediction) predicted_.drafted += static_cast<std::int32_t>(count);
}

void AnswerDrafts::draft_proposed(std::vector<std::int32_t> tokens, std::size_t asked) {
  drafted_ = std::move(tokens);
  agreed_ = 0;
  asked_ = asked;
  source_ = DraftSource::own;
  counts_.drafted += static_cast<std::int32_t>(drafted_.size());
}

// A token that the draft model was asked for and did not propose counts as a wrong one: it cost the same.
bool AnswerDrafts::append(std::int32_t token) {
  if (const Guess guess = drafter_.guess(); !guess.tokens.empty())
    rates_.record(guess.source, guess.run, guess.tokens.front() == token);
  drafter_.append(token);
  if (!text_.empty()) text_.push_back(token);
  const bool right = agreed_ < drafted_.size() && drafted_[agreed_] == token;
  if (agreed_ < asked_) trust_.record(right);
  if (!right) {
    drafted_.clear();
    agreed_ = asked_ = 0;
    return false;
  }
  ++agreed_;
  ++counts_.accepted;
  if (source_ == DraftSource::prediction) ++predicted_.accepted;
  return true;
}

}  // namespace fovea::llama
