// DraftPlanner: decides before each step how many tokens are drafted for each answer, by what batches cost
// and by how likely the drafts are right. Not thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/llama/draft/batch_costs.h"
#include "engine/llama/draft/draft_source.h"

namespace fovea::llama {

// What a batch has before the draft model is asked: its rows, and the tokens that are expected of them.
struct PlannedBatch {
  std::size_t rows = 0;
  double tokens = 0;
};

// How many tokens to ask the draft model for, for each answer, and what that is expected to save in this
// step.
struct PlannedAsks {
  std::vector<std::size_t> counts;
  double saved_ms = 0;
};

class DraftPlanner {
 public:
  explicit DraftPlanner(DraftMode mode) : mode_(mode) {}

  // How many tokens to draft for each answer of a batch, which has a row for each of them anyway. `odds` are
  // each answer's (AnswerDrafts::odds).
  std::vector<std::size_t> plan(std::span<const std::vector<double>> odds) const;

  // How many tokens to ask the draft model for. `odds` are each answer's (ModelTrust::odds), `proposing` is
  // what batches of the draft model take, times `price`.
  PlannedAsks plan_asks(std::span<const std::vector<double>> odds, const PlannedBatch& before,
                        const BatchCosts& proposing, double price) const;

  // Whether all that there are is drafted, whatever it costs.
  bool always() const { return mode_ == DraftMode::on; }

  // A batch of answers only, with so many rows, took `ms`.
  void record(std::size_t rows, double ms) { costs_.record(rows, ms); }

 private:
  std::size_t rows_worth(std::span<const double> best_first, std::size_t answers) const;

  const DraftMode mode_;
  BatchCosts costs_;
};

}  // namespace fovea::llama
