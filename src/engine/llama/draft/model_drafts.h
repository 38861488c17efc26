// ModelDrafts: decides in each step which answers the draft model is asked for, and asks it.
//
// Texts come first, since their guesses cost nothing. The model is asked where what it takes is worth what it
// is expected to add. Used on the engine's thread only; borrows the model and the planner.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/llama/draft/answer_drafts.h"
#include "engine/llama/draft/draft_model.h"
#include "engine/llama/draft/draft_planner.h"

namespace fovea::llama {

// An answer of a step for which no text has a guess that is worth it.
struct OpenAnswer {
  llama_seq_id sequence;
  AnswerDrafts& drafts;
  std::size_t tokens_max;  // that may be drafted
  double spent_ms = 0;     // its share of what the model took
};

class ModelDrafts {
 public:
  ModelDrafts(DraftModel& model, const DraftPlanner& planner) : model_(model), planner_(planner) {}

  // Asks for tokens of `answers`, which become their drafts. `before` is what the batch has without them.
  void ask(std::span<OpenAnswer> answers, const PlannedBatch& before);

 private:
  std::vector<double> odds_of(const OpenAnswer& answer) const;
  bool pays_to_read(const OpenAnswer& answer, double saved_ms) const;

  DraftModel& model_;
  const DraftPlanner& planner_;
  double price_ = 1;  // of what proposals cost
};

}  // namespace fovea::llama
